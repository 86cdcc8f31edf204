-- What the unit answers again and again, in its own words; whoever changed one last owns it.
create table quick_replies (
    id uuid primary key,
    title text not null,
    text text not null,
    owner text not null,
    changed_at timestamptz not null default clock_timestamp()
);
insert into quick_replies (id, title, text, owner) values
    ('00000000-0000-4000-8000-000000000001', 'Já respondo',
        'Olá, {responsável}! Aqui é da {unidade}. Vi a sua mensagem e já respondo. 😊', 'Kumon'),
    ('00000000-0000-4000-8000-000000000002', 'Convite para a visita',
        'Que tal conhecer a {unidade}? A visita é gratuita e {aluno} faz uma avaliação diagnóstica. Qual dia é melhor para você?',
        'Kumon'),
    ('00000000-0000-4000-8000-000000000003', 'Lembrar da visita',
        'Olá, {responsável}! A visita está marcada: {visita}, na {endereço}. Esperamos vocês!', 'Kumon'),
    ('00000000-0000-4000-8000-000000000004', 'Como chegar',
        'Estamos na {endereço}. Qualquer dúvida no caminho, ligue: {telefone}.', 'Kumon'),
    ('00000000-0000-4000-8000-000000000005', 'Valores',
        'São {mensalidade} por matéria ao mês, com o material incluído, e {matrícula} de matrícula, uma vez só.', 'Kumon');
