-- Room on every page for the next state of a row: it stays there, and no index has to hear of it.
alter table conversations set (fillfactor = 50);
