"""Being left alone, and what is known about a person (LGPD)."""

from dialogue_service.understanding.intents.rule import rule

_DATA = (
    r"(?:dados(?: pessoais)?|informac\w+(?: pessoais)?|cadastros?|registros?|historico|conversas?|mensagens"
    r"|contatos?|numero|telefone|tudo)"
)

_KNOWN = r"(?:dados|informac\w+|infos|registros?|anotac\w+|coisas?|historico)"
_MINE = (
    r"(?:meus?|minhas?|nossos?|nossas?|(?:sobre|a respeito de|d[aeo]s?)(?: o| a)? (?:mim|nos|a gente|gente|meus?"
    r"|minhas?)(?: filh\w+| famil\w+)?)"
)
_MY_DATA = rf"(?:{_MINE} (?:proprios? )?(?:dados|informac\w+|registros?|cadastro)|{_KNOWN}(?: \w+){{0,2}} {_MINE})"
_KEEPS = (
    r"(?:guard\w+|armazen\w+|registr\w+|salv[aeo]\w*|anot\w+|colet\w+|mant(?:em|eem)|possu\w+|cadastr\w+|grav\w+"
    r"|arquiv\w+)"
)
_WHO_KEEPS = (
    r"(?:voces|voce|a unidade|o kumon|a escola|o sistema|ja|ai|mais|e que|esta|estao|fica|ficam|ficou|ficaram|foi|foram"
    r"|tem|teem|sido)"
)

_SOMEBODY_ELSE = (
    r"d[aeo] (?:(?:numero|telefone|celular|contato) )?\+?\d[\d ()-]{7,}"
    r"|(?:outr[oa]s? (?:pessoas?|pais?|maes?|familias?|clientes?|numeros?)"
    r"|d[aeo] (?:meu|minha) (?:ex|vizinh\w+|amig\w+|cunhad\w+|sogr\w+|colega)\b"
    r"|sou (?:o |a )?(?:marido|esposa|mulher|namorad\w+|ex|advogad\w+|filh\w+|irma|irmao) d)"
)
"""Nobody's data are erased, or told, because another person asks for it: that is the unit's to decide."""

PRIVACY = (
    rule(
        "request_person",
        rf"(?:apag\w+|exclu\w+|delet\w+|remov\w+|elimin\w+|mostr\w+|mand\w+|pass\w+|envi\w+) [^,;]*\b{_DATA} "
        rf"[^,;]*(?:{_SOMEBODY_ELSE})",
    ),
    rule(
        "erase_request",
        r"(?:apag\w+|exclu\w+|delet\w+|remov\w+|elimin\w+|descart\w+|esquec\w+"
        rf"|limp\w+)(?: \w+){{0,4}} (?:meus?|minhas?|os|todos|todas|as|d?el[ea]s?|nossos?|nossas?|o|a)(?: (?:os"
        rf"|as|meus|minhas))? {_DATA}(?: (?:sobre mim|que (?:voces )?tem|meu|meus|minhas))*",
        r"(?:apag\w+|exclu\w+|delet\w+|remov\w+|elimin\w+) (?:tudo|dados)(?: (?:que|sobre|meu|meus|de mim"
        r"|pessoais).*)?",
        rf"(?:somem?|sumam?|sumir|desaparec\w+) com(?: \w+)? (?:{_MY_DATA}"
        rf"|(?:o )?que(?: {_WHO_KEEPS})* (?:{_KEEPS}|tem|teem|sabem?)(?: \w+){{0,2}}? {_MINE})",
        r"(?:tir\w+|retir\w+|remov\w+|exclu\w+|apag\w+)(?: \w+)? (?:meus?|minhas?|nossos?|nossas?) (?:numero|contatos?"
        r"|telefone|nome|dados|informac\w+)(?: \w+)? d(?:a|o|essa|esse) (?:base|banco|sistema|cadastro|arquivos?"
        r"|registros?)",
        r"direito (?:ao|de) (?:esquecimento|exclusao)|exclusao d[eo]s? (?:meus )?dados"
        r"|nao quero que (?:voces )?(?:guardem|tenham|mantenham)(?: \w+){0,2} dados",
        unless=r"lista|mensagem (?:errada|que eu|anterior|acima)|ultima mensagem|essa mensagem|visita|aula|matricula"
        rf"|{_SOMEBODY_ELSE}",
    ),
    rule(
        "data_request",
        r"(?:quais|que|qual|o que|saber|sobre|ver|consultar|acess\w+|receber|copia|listar|mostr\w+|me (?:passa"
        r"|manda|diz)|informar)(?: \w+){0,4} dados(?: pessoais)?(?: \w+){0,3} (?:tem|teem|guard\w+"
        r"|possu\w+|armazen\w+|sobre mim|meu|meus|colet\w+|de mim|minha|registrad\w+|salvos)",
        r"(?:acess\w+|ver|copia d[eo]s?|consultar|quais sao|receber|exportar|baixar)(?: \w+){0,2} (?:os )?meus dados",
        rf"(?:quais|que|qual|o que|tudo (?:o )?que)(?: sao)?(?: os| as)?(?: {_KNOWN})?(?: {_MINE})?"
        rf"(?: {_WHO_KEEPS})* (?:{_KEEPS}(?: \w+){{0,2}}? {_MINE}|(?:sabem?|tem|teem) a meu respeito"
        r"|(?:sabem?|tem|teem) (?:\w+ ){0,2}?(?:sobre|de|a respeito de) (?:mim|nos|a gente|meu|minha))",
        rf"(?:quais|que|qual)(?: sao)?(?: os| as)? {_MY_DATA}(?: {_WHO_KEEPS})* (?:{_KEEPS}|tem|teem)",
        rf"(?:ver|saber|consultar|acess\w+|receber|copia|conferir|me (?:mand\w+|envi\w+|mostr\w+|pass\w+|list\w+))"
        rf"(?: \w+){{0,3}} {_MY_DATA}(?: {_WHO_KEEPS})* {_KEEPS}",
        rf"(?:acesso|copia|relatorio|lista)(?: \w+){{0,3}} {_MY_DATA}",
        rf"{_WHO_KEEPS} {_KEEPS} (?:os |as |o |a |algum |alguma )?(?:{_MY_DATA}|(?:meus?|minhas?|nossos?|nossas?)"
        r" (?:numero|telefone|contato|fotos?|conversas?|mensagens|cpf|endereco|nome))",
        r"lgpd|lei geral de protecao|protecao de dados|politica de privacidade"
        r"|o que (?:voces )?fazem com (?:os )?(?:meus )?dados|dpo",
    ),
    rule(
        "opt_out",
        r"^\W*(?:(?:oi|ola|por favor|quero|gostaria de|eu quero)\W+)*(?:sair|parar|pare|parem|para|stop"
        r"|unsubscribe|descadastrar|descadastre|descadastro|remover|remova|sair da lista|cancelar inscricao"
        r"|cancelar recebimento)(?: por favor)?\W*$",
        r"(?:nao|n) (?:quero|desejo|gostaria de|autorizo)(?: \w+)? (?:receb\w+|ser contat\w+|ser incomodad\w+"
        r"|contato|suas? mensagens|mensagens)",
        r"(?:quero|gostaria de|preciso|queria|posso|como faco para) (?:parar|deixar|sair) de receber(?: \w+){0,3}",
        r"(?:nao|n) quero mais(?: \w+)? (?:mensage\w+|contato|conversa|nada de voces|ser)",
        r"(?:(?:par(?:e|em|ar|am)|chega)(?: ja)?(?: de)?(?: me| com)?|para (?:ja )?(?:de"
        r"|com)(?: me)?) (?:mandar|manda|mande|envi\w+|escrever|chamar|mensage\w+|encher|perturbar|incomodar"
        r"|ligar|contat\w+|com (?:isso|as mensagens))",
        r"(?:nao|n) me (?:mand\w+|envi\w+|perturb\w+|cham\w+|incomod\w+|escrev\w+|lig\w+|contat\w+"
        r"|procur\w+)(?: \w+){0,3} mais|(?:nao|n) (?:mand\w+|envi\w+) mais (?:mensage\w+|nada|msg)",
        r"me (?:tir\w+|remov\w+|exclu\w+|retir\w+) d(?:a|essa|esta|este|esse)(?: \w+)? (?:lista|contatos?"
        r"|cadastro|grupo|mailing)|(?:tir\w+|remov\w+|exclu\w+|retir\w+) (?:o |esse )?meu (?:numero|contato"
        r"|telefone|nome)(?! d[oa] (?:sistema|banco))(?: \w+){0,2}",
        r"me deix\w+ em paz|descadastr\w+|bloque\w+ (?:voces|esse numero)|vou bloquear",
        unless=r"(?:ele|ela|filh[oa]) (?:quer )?(?:sair|parar)|saindo|amanha|hoje|depois",
    ),
)
