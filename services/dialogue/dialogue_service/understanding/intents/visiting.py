"""Wanting a visit, choosing its time, changing it."""

from dialogue_service.understanding.intents.rule import rule

_WISH = (
    r"(?:quero|queria|queremos|gostaria|gostariamos|posso|podemos|poderia|podia|pode|podem|vamos|da para"
    r"|daria para|como (?:eu )?(?:faco|faz|posso)(?: para)?"
    r"|preciso|tem como|teria como|consigo|bora|vou|prefiro|vim|pretendo|penso em|tenho interesse em"
    r"|interesse em|seria possivel|e possivel|quando)"
)
_PLACE = (
    r"(?:ai|a unidade|voces|o espaco|a escola|o lugar|o local|a escolinha|as instalacoes|pessoalmente|o kumon ai"
    r"|o kumon de voces|ate ai|ate voces|na unidade|no local|presencialmente|o kumon vila a)"
)
_VISIT = (
    r"(?:visitas?|visitinha|avaliac\w+|agendamento|horario|conversa|entrevista|reuniao|aula (?:experimental|teste)"
    r"|apresentacao)"
)
_CLASS = (
    r"(?:aulas?(?! (?:experimental|teste|gratuita|gratis|demonstrativa))|turma|reposic\w+|material|matricula"
    r"|mensalidade|boleto|curso|horario d[aeo] (?:aula|meu filh|minha filh|kumon)|kumon d[oa]|dia d[ae] aula"
    r"|dias d[ae] aula|materia|disciplina|vencimento|forma)"
)

VISITING = (
    rule(
        "book",
        rf"{_WISH}(?: \w+){{0,3}} (?:agendar|marcar|visitar)",
        rf"{_WISH}(?: \w+){{0,3}} conhecer(?: \w+)? ?{_PLACE}",
        r"(?:quero|queria|queremos|gostaria de|gostariamos de|posso|podemos) (?:ir )?conhecer(?=\W*$)",
        r"(?:ir|passar|vir|dar um pulo|dar uma passada|dar uma olhada|levar)(?: \w+){0,2} (?:ai|ate ai"
        r"|ate voces|pessoalmente|na unidade|para conhecer|conhecer)",
        r"(?:levar|trazer)\b[^.!?\n]{0,60}\b(?:para )?conhecer",
        r"(?:fazer|agendar|marcar|quero|gostaria de|reservar|queria|uma|a)(?: \w+)? ?(?:uma |a |de "
        r"|um )?(?:visitas?|visitinha)(?: (?:presencial|ai|para|na unidade|a unidade|no))?",
        r"(?:agendar|agendamento|agenda\?|agende|agenda (?:para|um|uma|a))(?! (?:dele|dela|cheia|lotada|apertada))",
        r"marc(?:ar|a|amos|ue|aria)(?: (?:uma?|a|o|para|entao|sim|essa|esse|meu|minha|nossa|em|um dia e|de|la"
        rf"|ai))* ?(?:{_VISIT}|dia|hora|para mim|amanha|hoje|segunda|terca|quarta|quinta|sexta)?",
        r"(?:fazer|quero|queria|gostaria de fazer|agendar|marcar)(?: \w+)? (?:a |uma |o |um )?(?:avaliac\w+"
        r"|diagnostico|teste diagnostico)",
        r"(?:quero|queria|gostaria de|vou|agendar|marcar)(?: \w+){0,2} (?:aula experimental|aula teste)",
        r"(?:tem|teria|tem algum|ha|quais|que|qual|quando tem|existe|sobrou|ainda tem"
        r"|tem algum)(?: \w+){0,3} (?:vagas?|horarios?|datas?|agenda|disponibilidade)(?: (?:ai|de"
        r"|voces))?(?: (?:disponiv\w+|livres?|vag[oa]s?|aberta?s?|para|n[ao]s?|de (?:manha|tarde|noite)|amanha"
        r"|hoje|segunda|terca|quarta|quinta|sexta|sabado|dia|tem))",
        r"horarios? (?:disponiv\w+|livres?|vagos?|para (?:visita|conhecer|avaliac|ir|agendar)\w*)",
        r"(?:quando|que dia|que horas|qual dia|qual horario|que horario)(?: \w+)? (?:posso|podemos|poderia"
        r"|da para|podia|consigo)(?: \w+)? (?:ir|passar|visitar|conhecer|levar|comparecer|agendar|marcar"
        r"|fazer a)",
        r"posso (?:ir|passar|aparecer)(?: ai)? (?:hoje|amanha|agora|segunda|terca|quarta|quinta|sexta"
        r"|sem agendar|sem marcar|quando)?",
        r"(?:quero|queria|gostaria de|vou|queremos|vamos|pretendo|preciso"
        r"|interesse em)(?: \w+)? (?:matricul\w+|inscrev\w+)",
        r"(?:quero|queria|gostaria de|preciso|posso|como)(?: \w+)? (?:fazer|faz|faco|garantir) (?:a |o "
        r"|uma )?(?:inscricao|matricula|cadastro)(?! (?:mais|errad))",
        r"(?:quero|queria|gostaria de)(?: \w+)? (?:comecar|iniciar|colocar|por)(?: \w+){0,4} (?:kumon|ai|aulas|curso)",
        r"tem (?:vaga|horario)s?\?",
        r"qual(?: e| seria)?(?: a)? (?:sua |de voces )?disponibilidade",
        r"(?:consigo|posso|da para|podemos|tem como|poderia|podia)(?: \w+)? (?:ir|passar|levar"
        r"|visitar)(?: \w+)? (?:hoje|amanha|segunda|terca|quarta|quinta|sexta|sabado|ainda|agora|de manha"
        r"|a tarde|semana que vem)",
        unless=(
            r"remarc|desmarc|reagend|cancel|trocar|mudar d|nao (?:quero|posso|vou|precisa|preciso|consigo|vai"
            r"|gostaria|da para)(?: \w+)? (?:marcar|agendar|ir|visitar)|reposic|ja (?:agendei|marquei|tenho|esta)"
            r"|que horas (?:e|era)|minha visita|(?:aula|visita) (?:e|esta) marcada|como (?:e"
            r"|funciona) a visita|quanto tempo|levar alguma|vaga (?:de|para) (?:emprego|carro|trabalh"
            r"|professor|auxiliar|assistente|monitor|estagio|instrutor)|marca-?texto|marca de|nao quero"
            r"|que eu marquei|visita (?:e|dura|demora|custa)|o que .*visita"
        ),
    ),
    rule(
        "reschedule_visit",
        r"(?:remarc\w+|reagend\w+)",
        r"(?:mudar|trocar|alterar|adiar|adiantar|antecipar|transferir|passar|mudo|troco|postergar|muda|troca"
        rf"|altera|jogar|deixar)(?: \w+){{0,3}} (?:{_VISIT}|horario|data|dia|hora)(?! (?:do|da) (?:meu"
        r"|minha) filh\w+ (?:no|na) kumon)",
        r"(?:mudar|trocar|passar|adiar|transferir|adiantar|deixar|jogar) (?:a visita )?para (?:outr[oa]|amanha"
        r"|segunda|terca|quarta|quinta|sexta|semana|mais (?:cedo|tarde)|dia|depois|as|a tarde|de manha|o dia)",
        r"(?:nao|n) (?:vou|vai|vamos|irei|conseguirei|poderei|posso ir"
        r"|consigo ir)(?:,? \w+){0,6},? (?:outro dia|outra data|outro horario|tem como ser|da para ser"
        r"|podemos (?:marcar|deixar)|pode ser (?:(?:em|n[ao]|para|de) )*(?:outr[oa]|segunda|terca|quarta"
        r"|quinta|sexta|dia|semana|amanha|as \d))",
        unless=rf"{_CLASS}|repor",
    ),
    rule(
        "cancel_visit",
        rf"(?:cancel\w+|desmarc\w+)(?: \w+){{0,3}} (?:{_VISIT}|compromisso)",
        r"(?:quero|queria|preciso|gostaria de|vou|vamos|pode\w*|vou ter que|tenho que|tive que|favor|por favor"
        r"|posso|tem como|da para)(?: \w+){0,2} (?:cancel\w+|desmarc\w+)",
        r"(?:^|[,.!] ?)\W*(?:(?:oi|ola|bom dia|boa tarde|boa noite|nao|entao|pode|favor)\W+)*(?:cancel(?:a|ar|e|em)"
        r"|desmarc(?:a|ar|ue))(?: (?:por favor|para mim|ai|entao|tudo|a|o))*\W*$",
        r"(?:nao|n) (?:vou|vamos|irei|iremos|vai dar para|vai dar)(?: \w+){0,2} (?:poder|conseguir|comparecer"
        r"|mais|ir)(?: mais)?(?: (?:ir|comparecer|visitar|a visita|na visita|hoje|amanha|ai))*(?=\W*$|,"
        r"| (?:hoje|amanha|na|a visita|porque|pois|surgiu|tive|segunda|terca|quarta|quinta|sexta|nessa|nesse"
        r"|no horario))",
        r"(?:nao|n) (?:poderei|conseguirei|poderemos|conseguiremos|consigo mais|posso mais|podemos mais|vou poder)"
        r"(?: mais)?(?: (?:ir|comparecer))*(?=\W*$|,| (?:hoje|amanha|na|a visita|porque|pois|surgiu|tive|segunda"
        r"|terca|quarta|quinta|sexta|nesse|no horario))",
        r"desisti(?:mos)?(?: d[ae] (?:visita|ir|avaliac\w+))",
        r"nao (?:quero|vou querer|queremos|vamos querer) mais (?:a |essa |minha )?visita",
        unless=rf"{_CLASS}|se (?:\w+ ){{1,3}}(?:gostar|adaptar|quiser|der certo)|remarc|reagend"
        r"|outro dia|outra data|outro horario|nao (?:quero|precisa|preciso|vou"
        r"|pode) (?:cancelar|desmarcar)|ingles|portugues|matematica|mensagen|inscricao|pagar|fazer|colocar"
        r"|matricular|como (?:e|faz) para cancelar",
    ),
)
VISIT_WITHOUT_OFFER = rule(
    "book",
    r"(?:tem|teria|ha|pode ser|da para ser)(?: \w+)? (?:outr[oa]s?|mais) (?:horarios?|dias?|datas?|opc\w+)",
    confidence=0.85,
)
REJECTS = rule(
    "reject_slots",
    r"nenhum[a]?(?: (?:d?ess[ea]s?|d?est[ea]s?|del[ea]s|d[oa]s|serve|da|me|horario|opcao|data|dia|rola"
    r"|funciona|fica|bate|encaixa|desses horarios|das opcoes))*",
    r"(?:tem|teria|ha|quero|queria|prefiro|pode ser|sem ser|ver|me da|manda|mais|quais|nao tem|haveria"
    r"|so tem)(?: \w+){0,2} (?:outr[oa]s?|mais|ess[ea]s|est[ea]s) (?:horarios?|dias?|opc\w+|datas?"
    r"|possibilidades?|alternativas?)",
    r"outr[oa]s? (?:horarios?|dias?|opc\w+|datas?|semana|alternativas?)",
    r"(?:nao|n) (?:posso|consigo|da|serve\w*|rola|tenho|pode|vou conseguir|podemos|gostei|quero|funciona\w*"
    r"|fica\w* bo[am]|encaixa\w*|bate\w*)(?: (?:para mim|em|nem|bem|bom))*(?: (?:ness[ea]s|ess[ea]s|nenhum[a]?"
    r"|dess[ea]s|nest[ea]s|est[ea]s|em nenhum[a]?|nada disso|nesses horarios|esses horarios|nesses dias"
    r"|nos tres|nas tres))",
    r"(?:ess[ea]s|est[ea]s|ess[ea]|est[ea]|os tres|as tres)(?: (?:horarios?|dias?|datas?|opc\w+))?(?: (?:ai"
    r"|que|voce|mandou|eu))* (?:nao|n|sao ruins|e ruim|ficam ruins|fica ruim|esta ruim|ficou ruim)(?: \w+)*",
    r"(?:hoje|amanha|semana que vem|ness[ea] (?:dia|data|horario|semana)) (?:eu |a gente )?(?:nao|n) (?:posso|consigo"
    r"|da|vai dar|rola|podemos|conseguimos)",
    r"(?:mais|um pouco mais|bem mais) (?:cedo|tarde)",
    r"(?:^|[,.!\n] ?)\W*(?:nao|n) (?:da|posso|consigo|serve|rola|vai dar|tem como|vai rolar)\W*$",
    r"(?:tem|nao tem|teria) (?:mais )?(?:algo|algum|alguma|outro|outra|coisa)(?: \w+)? (?:mais|depois|antes|de"
    r"|para|na|no|a|outro)",
    unless=r"o (?:mais|quanto) (?:cedo|tarde) possivel|mais (?:cedo|tarde) (?:eu|te|vejo|respondo|aviso|falo|volto"
    r"|retorno|confirmo|ou mais)|sai(?:o|r)? mais (?:cedo|tarde)|outra (?:pergunta|duvida|coisa)"
    r"|nenhum problema|nenhuma duvida",
)
"""None of what was offered will do; only while slots are on offer."""
