"""Greetings, thanks, good-byes, yes and no, corrections, and what has nothing to do with the school."""

import re

from dialogue_service.understanding.intents.rule import rule

THANKS = rule(
    "thanks",
    r"(?:muito |mt |mto )?obrigad[oa]s?(?! a)",
    r"agradec\w+|gratidao|gratissim[oa]|muito grat[oa]|grat[oa] (?:desde|pel|por)|valeu|thanks|thank you|tks"
    r"|amem|deus (?:(?:te|lhe|os|vos|o|a) )?(?:abencoe|pague)|muito gentil|obg\w*|de nada",
    r"[\U0001f64f]",
    unless=r"de nada adianta|sou obrigad|e obrigad|ser obrigad|nao (?:sou|e) obrigad|sem (?:agradec)",
)
GOODBYE = rule(
    "goodbye",
    r"tchau\w*|xau|adeus|bye|ate (?:mais(?! ou)(?! tarde (?:da|de))|logo|breve|a proxima|la|ja|mais tarde"
    r"|mais ver|outra hora)",
    r"(?:^|[,.!] ?|entao |nos vemos |obrigad[oa],? |combinado,? |perfeito,? |otimo,? |ok,? )ate (?:amanha"
    r"|hoje(?: a (?:tarde|noite))?|depois|segunda|terca|quarta|quinta|sexta|sabado|domingo"
    r"|semana que vem)(?:[- ]feira)?(?:,? as \d+\w*| entao)?\W*$",
    r"(?:^|[,.!\n] ?)\W*(?:falou|fui)\W*$|abracos?|beijos?|beijinhos?|fica(?:m|r)? com deus"
    r"|(?:um )?bom (?:fim de semana|final de semana|descanso|domingo|feriado|trabalho|sabado)|boa semana"
    r"|bom resto de \w+",
    r"(?:tenha|tenham|desejo|otim[oa]|excelente|uma? (?:otim[oa]|excelente|linda|abencoad[oa]"
    r"|bo[ma]))(?: \w+){0,2} (?:dia|tarde|noite|semana|fim de semana|final de semana|feriado|trabalho"
    r"|domingo)(?: para (?:voce|voces))?",
    r"nos vemos|te vejo (?:la|ai)",
    unless=r"tem aula|abre|atende|funciona",
)
GREETING = rule(
    "greeting",
    r"(?:^|\n|[,.!?] ?)\W*(?:oi+e?|oii|ola|opa|alo|e ai|ei+|hey|hi|hello|salve|saudacoes|eai|fala"
    r"|boas)(?! com)(?=\W|$)(?! (?:para|pra|com|em))",
    r"(?<!um )(?<!uma )(?<!tenha )(?<!tenham )(?:muito )?(?:bom dia|boa tarde|boa noite|boa madrugada"
    r"|bons dias)(?! de)",
    r"(?:tudo|bem|otim[oa])(?: (?:bem|bom|certo|sim|joia|otimo|tranquilo)){0,2},? e (?:voce|voces|com voce|ai)"
    r"|^\W*(?:oi\W+)?(?:tem )?alguem ai\?"
    r"|(?:tudo bem|tudo bom|como vai|tudo certo|tudo joia|como voces? esta\w*|tudo tranquilo"
    r"|beleza)(?: (?:com voce|com voces|ai|por ai))?\?",
    r"(?:^|oi+|ola|bom dia|boa tarde|boa noite)[,!. ]*(?:tudo bem|tudo bom)(?=\W*$)",
    r"prezad[oa]s?|(?:\U0001f44b)",
)
CORRECT = rule(
    "correct",
    r"na verdade|corrig\w+|correcao|retifica\w*|errei|me enganei|enganei|me confundi|confundi|escrevi errad\w+"
    r"|digitei errad\w+|coloquei errad\w+|falei errad\w+|passei errad\w+|quis dizer|quero dizer|quer dizer"
    r"|ops+|oops|foi (?:um )?(?:engano|erro)|erro meu|pensando (?:melhor|bem)|(?:esta|ficou|saiu"
    r"|foi) errad[oa]|alias|digo(?= |,)|ou melhor|melhor dizendo|mudei de ideia|corretor",
    r"(?:nao|n) (?:e|sao|era|foi|eh|tem|se chama|esta|faz)(?: \w+){1,4},? (?:e|sao|era|tem|mas|e sim|sim"
    r"|se chama|esta|faz|eh|no|na)(?= )",
    r"(?:^|[.!] ?|\n)\W*(?:nao|n|ops|opa|desculpa|perdao)(?:,| )+ ?(?:e|sao|eh|era|meu nome e|o nome|a idade"
    r"|ele tem|ela tem|ele e|ela e|o certo|o correto|e para)(?= )",
    r"o (?:certo|correto|nome certo|nome correto)(?: \w+)? e",
    r"(?:muda|troca|altera|corrige|arruma|atualiza)\w*(?: \w+){0,2} (?:nome|idade|e-?mail|serie|ano|materia"
    r"|telefone|escola)",
    r"(?:se escreve|escreve-se|escreve|e|eh) (?:[a-z]+ )?com (?:dois|duas|2|th|ph|y|h|k|w|z|s|c|i)(?: [a-z])?",
    r"(?:tir|cancel|retir)\w* (?:o |a )?(?:ingles|portugues|matematica)",
    r"com (?:dois|duas) [a-z]",
    unless=r"nao (?:quero|sei|posso) dizer|nao e (?:assim|isso|verdade|bem)|que voce quer dizer|o que quer dizer"
    r"|digo\?|esta errado (?:o )?boleto|cobranca|mudar (?:o )?(?:horario|dia)",
)
OFF_TOPIC = rule(
    "off_topic",
    r"receitas? de (?!pagamento|medic)\w+|como (?:fazer|faz|se faz|faco|preparar) (?:um |uma |o )?(?:bolo|pao"
    r"|feijao|arroz|lasanha|pudim|bomba|churrasco|cafe|massa|brigadeiro|pizza|sopa|bolinho|molho)(?: \w+)*",
    r"(?:faz|faca|fazer|escrever|escreve|escreva|cria|crie|conta|conte|manda|me da|recita|inventa|compoe|gera"
    r"|gere)(?: \w+){0,3} (?:poema|poesia|piada|musica|historia|redacao|texto|codigo|programa|script|conto"
    r"|rima|soneto|carta|resumo|imagem|trava-?lingua)s?",
    r"(?:quanto e|calcula|calcule|resolve|resolva|qual (?:e )?o resultado de|qual a raiz"
    r"|raiz quadrada)(?: \w+){0,4} ?(?:\d+ ?[x*+/:^-] ?\d+|equac\w+|raiz|conta|integral|\d+)",
    r"(?:quem (?:descobriu|inventou|ganhou|vai ganhar|foi (?:o |a )?(?:primeir|presidente|rei|inventor)\w*"
    r"|e o (?:presidente|papa|prefeito|governador))|capital d[aeo] \w+)(?: \w+)*",
    r"(?:lula|bolsonaro|trump|eleic(?:ao|oes)|politica|partido|presidente d\w+ \w+|vereador)(?! de privacidade)",
    r"(?:previsao d[eo] tempo|vai chover|como esta o tempo|temperatura (?:hoje|amanha)|cotacao|preco do dolar"
    r"|dolar hoje|bitcoin|loteria|mega ?-?sena|horoscopo|signo)",
    r"(?:gremio|flamengo|corinthians|palmeiras|vasco|brasileirao|campeonato|copa do mundo)(?: \w+)*"
    r"|(?:quem ganhou|que horas e|resultado d[oe]) (?:o )?jogo",
    r"(?:traduz|traduza)(?: \w+)*|(?:me )?ensina\w* a (?:fazer|cozinhar)|(?:me ajud\w+|faz (?:o|a|meu"
    r"|minha))(?: \w+){0,3} (?:dever|licao|tarefa|trabalho"
    r"|tcc|prova|tema)(?: d[eao] (?:casa|matematica|portugues|ingles|historia|escola|faculdade))?(?! (?:tem"
    r"|todo))",
    r"(?:codigo|programa|script|funcao) (?:em |de )?(?:python|java|javascript|c\+\+|html|sql)|python|javascript",
    r"(?:quer|vamos) (?:namorar|sair comigo|casar)|voce e (?:linda|gostosa|solteira|casada|bonita)|te amo"
    r"|(?:manda|me manda) (?:foto(?!s? d[aeo] (?:escola|unidade|espaco|sala|kumon|local|material))|nudes?)",
    r"(?:compr\w+|vend\w+|oferec\w+)(?: \w+){0,3} (?:seguidores|trafego pago|criptomoedas?|emprestimo"
    r"|cartao de credito consignado|plano de saude|consorcio|seguro|carro|moto|casa)",
    r"(?:ganhe|lucre|renda extra|investimento garantido|clique no link|dinheiro facil)",
    r"(?:que horas sao|que dia e hoje)(?: agora)?|(?:qual )?(?:o )?sentido da vida|(?:indica|recomenda"
    r"|sugere)\w*(?: \w+){0,2} (?:filme|serie|restaurante|livro|hotel|dentista|medico)",
    unless=r"kumon|voces (?:ajudam|fazem|ensinam|ensina)|melhora|aula de|politica de|ele (?:tem|faz)|ela (?:tem|faz)",
)

# Whole clauses that mean yes or no.
_YES = (
    r"(?:sim(?:zinho)?|s|isso(?: mesmo| ai| aí| sim| e)?|pode(?:m)?(?: ser| sim| marcar| confirmar| agendar"
    r"| mandar| deixar| reservar| anotar| seguir| continuar)?(?: sim| entao| assim| para mim| esse| essa"
    r"| esse mesmo| esse horario| nesse horario| a visita)*"
    r"|claro(?: que sim| que quero| que pode)?|com (?:toda )?certeza|certeza|sem duvida|ok(?:ay)?|ok entao"
    r"|certo|certinho|certissimo|correto|correta|exato|exatamente|perfeito|perfeita|otimo|otima"
    r"|combinad[oa](?: entao)?|fechad[oa]|fechou"
    r"|(?:eu )?confirmo(?: sim| a visita| presenca| a presenca)?|confirmad[oa]|confirma|confirmar|beleza"
    r"|show(?: de bola)?|bora|vamos(?: sim| la)?|(?:eu )?quero(?: sim| muito)?|(?:eu )?aceito|topo|positivo|afirmativo"
    r"|esta (?:bom|otimo|certo|confirmado|perfeito|ok|combinado|marcado|tudo certo|valendo|otimo assim"
    r"|correto)(?: sim| assim| entao| para mim)?|tudo certo|tudo bem|tudo ok|de acordo|concordo|por favor"
    r"|por gentileza|serve|serve sim|maravilha|excelente|joia|legal|bacana|massa|top|yes|yep|yeah"
    r"|ess[ea] mesm[oa]|ess[ea](?: ai)?(?: (?:serve|esta bom|fica bom|da certo))?|e isso(?: mesmo| ai)?|e sim"
    r"|e ess[ea](?: mesm[oa])?|fica (?:bom|otimo|perfeito)(?: sim| para mim)?|da (?:certo|sim"
    r"|para mim)(?: sim)?|para mim (?:esta (?:bom|otimo)|serve|da certo|pode ser|fica bom|otimo|perfeito)"
    r"|tenho(?: sim| interesse)?|me interessa|gostei|adorei|vou(?: sim)?|iremos|esta(?:rei|remos) (?:ai"
    r"|la)(?:,? (?:as \d+\w*|amanha|hoje|sem falta))*"
    r"|presenca confirmada|vamos sim|la estarei|pode contar comigo|podemos(?: sim)?|aprovado|feito|ja e"
    r"|demoro[u]?|partiu|ta|esta|aham|uhum|hum ?hum|isso e|sou(?: sim| eu)?|e verdade|verdade|manda|manda ver"
    r"|manda ai|ja (?:sim)|perfeitamente)"
)
_NO = (
    r"(?:nao+(?: (?:nao|quero|obrigad[oa]|precisa|preciso|mesmo|da(?: para mim)?|vai dar|pode|posso|vou"
    r"|tenho(?: interesse)?|por enquanto|agora|confirmo|e isso|esta certo|esta correto|tenho mais interesse"
    r"|quero mais|quero nao|mais|gostei|rola|serve|consigo|aceito|vamos|ainda|sei ainda|por agora))?"
    r"|n|nops?|nope|negativo|de jeito nenhum|de forma alguma|nem pensar|agora nao|hoje nao|ainda nao"
    r"|por enquanto nao|por hora nao|melhor nao|acho que nao|prefiro nao|quero nao|deixa (?:para la|quieto"
    r"|para depois|pra outra hora|entao)|nao e isso|sem interesse|nao tenho interesse|nao quero mais|nao precisa mais"
    r"|desisto|desisti|desistimos|nao vamos|talvez (?:depois|mais para frente|outra hora|outro dia)"
    r"|depois (?:eu )?vejo|vou pensar|nao e (?:isso|esse|essa|ele|ela)|esta errado|incorreto|errado|nada disso"
    r"|nao (?:uso|tenho|possuo|utilizo|lembro)(?: (?:mais|nenhum|o|de cabeca))* (?:meu )?e ?mail|nao, nao)"
)
_FILLER = (
    r"(?:por favor|por gentileza|obrigad[oa]|valeu|ok|entao|ne|ja|viu|querid[oa]|moca|amor|flor|gente|tambem"
    r"|mesmo|assim|ai|para mim|cecilia|com certeza|sim|muito|bem|entao ta|de boa|tranquilo|eu|a gente|nos|ah"
    r"|oh|eh|e|hum|opa|oi|ola|bom dia|boa tarde|boa noite)"
)
WHOLE_YES = re.compile(rf"^(?:{_FILLER}[ ,!.]+)*{_YES}(?:[ ,!.]+(?:{_YES}|{_FILLER}))*$")
WHOLE_NO = re.compile(rf"^(?:{_FILLER}[ ,!.]+)*{_NO}(?:[ ,!.]+(?:{_NO}|{_FILLER}))*$")
LEADS_YES = re.compile(
    r"^(?:(?:oi|ola|ah|bom dia|boa tarde|boa noite)[ ,!.]*)*(?:(?:sim|com certeza|isso mesmo|confirmo"
    r"|quero sim|pode ser sim|pode confirmar|pode marcar)(?=[ ,!.])"
    r"|(?:claro|isso|confirmado|exato|exatamente|ok|perfeito|beleza|certo|combinado|otimo|fechado"
    r"|gostei)(?=[,!.]| ate\b))"
)
POSTPONE = re.compile(
    r"\b(?:vou|vamos|preciso|deixa eu|tenho que) (?:pensar|ver (?:com|aqui|certinho|e|direito|primeiro|a|se)"
    r"|falar com (?:meu|minha|o pai|a mae)|conversar|analisar|avaliar (?:aqui|com)|decidir|consultar"
    r"|me organizar|me programar|esperar|perguntar (?:para|ao|a) )"
    r"|\bquem sabe (?:(?:n[oa]|em|para|pro) )?(?:(?:ano|mes|semestre) que vem|o ano que vem|outr[oa] (?:hora|dia)"
    r"|mais (?:para frente|adiante|tarde)|depois|um dia)\b"
    r"|^\W*(?:ta |ok |bom |entao )*vou ver\W*$"
    r"|\b(?:depois|qualquer coisa|mais tarde|outro dia|outra hora|logo)(?: \w+)? (?:te (?:chamo|aviso|falo"
    r"|respondo|procuro|retorno)|eu (?:chamo|aviso|falo|vejo|respondo|retorno|volto"
    r"|confirmo|decido|digo)|chamo|entro em contato"
    r"|a gente (?:ve|conversa))\b|\bte (?:aviso|retorno|dou (?:um |uma )?(?:retorno|resposta))\b"
    r"|^\W*(?:ah,? |ta,? |ok,? |bom,? )?(?:entao )?"
    r"(?:deix[ae](?: para la| quieto| assim| entao| por enquanto)?|esquece)\W*$"
)
LEADS_NO = re.compile(
    r"^(?:(?:oi|ola|ah|bom dia|boa tarde|boa noite|entao)[ ,!.]*)*(?:nao|negativo|n|infelizmente nao|agora nao"
    r"|por enquanto nao)(?: obrigad[oa])?(?=[,!.\n]|$| (?:obrigad[oa]|e isso|precisa|quero)\b)"
)
YES_SIGNS = frozenset("👍👌✅🆗☑✔🤝🙌👏🤙")
NO_SIGNS = frozenset("👎❌🚫✖🙅")
THANK_SIGNS = frozenset("🙏❤♥😊🥰😘💙💚💛🧡💜🤗☺😀😃😄😁🙂😍💕💖🌹🎉")
"""Signs sent alone: what they answer."""
