-- The unit is masculine, as the assistant calls it; only where nobody changed the text.
update quick_replies set text = replace(text, 'Aqui é da {unidade}', 'Aqui é do {unidade}')
where id = '00000000-0000-4000-8000-000000000001' and owner = 'Kumon';
update quick_replies set text = replace(text, 'conhecer a {unidade}', 'conhecer o {unidade}')
where id = '00000000-0000-4000-8000-000000000002' and owner = 'Kumon';
