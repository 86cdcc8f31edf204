"""What a person of the unit must hear about: enrolled families, complaints, insults, requests for a person."""

from dialogue_service.understanding.intents.rule import rule

_MINE = r"(?:d[oa] |o |a |pel[oa] )?(?:meu|minha|nosso|nossa|dele|dela)"
_CHILD = (
    r"(?:(?:o |a )?(?:meu|minha|nosso|nossa)s? (?:filh\w+|net\w+|sobrinh\w+|menin\w+|enteado\w*)|ele|ela|[a-z]{3,12})"
)
_PERSON = (
    r"(?:pessoa(?:s)?(?: (?:real|de verdade|humana|de carne e osso|responsavel))?|alguem(?: (?:ai|da unidade"
    r"|responsavel|de verdade|real))?|human[oa]|ser humano|atendente|atendentes|gente(?: de verdade)?"
    r"|responsavel(?: d\w+ \w+)?|instrutor[a]?|orientador[a]?|professor[a]?|diretor[a]?|coordenador[a]?"
    r"|coordenacao|direcao|secretari[ao]|recepcionista|recepcao|gerente|don[oa]|proprietari[oa]|franquead[oa]"
    r"|supervisor[a]?|atendimento)"
)

# What runs an assistant, and is nobody's business.
_WORKINGS = (
    r"(?:suas?|tuas?|your|teus?|seus?) (?:\w+ )?(?:instruc\w+|instructions|rules|regras(?! (?:d[aeo]|para|sobre))"
    r"|configurac\w+|diretrizes|comandos|prompt|codigo(?! (?:de|postal))|programac\w+|treinamento"
    r"|chave(?! (?:d[eo] |para )?(?:o )?pix)|senha|token)|prompt|(?:instruc\w+|regras|ordens|configurac\w+|comandos)"
    r"(?: \w+){0,2} (?:intern[oa]s|do sistema|iniciais|secret[oa]s|ocult[oa]s|originais|que te (?:deram|passaram))"
    r"|mensage[mn]s? (?:do|de|inicial do) (?:seu )?sistema|mensagem do seu sistema|chaves? (?:de|da) api|api ?keys?"
    r"|codigo[- ]fonte|variaveis de ambiente|senhas? (?:do|da|de) (?:sistema|admin\w*|servidor|banco)|tokens?"
)

# What a family asks before it joins, or says of its visit.
_ASKED_BEFORE_JOINING = (
    r"como (?:e|sao|funciona) (?:o |a )?(?:pagamento|cobranca)|aceita|pode ser no boleto"
    r"|forma de pagamento|aula experimental|quanto|valor da visita|tem reposicao\?|e se (?:ele|ela) faltar"
    r"|se (?:\w+ )?faltar|quiser cancelar|e cobrad[oa]|cobrad[oa]s? (?:a parte|separad|por)|minha visita"
    r"|a visita|visita marcada|avaliacao|taxa"
)

TROUBLE = (
    rule(
        "class_admin",
        r"(?:2a|segunda|2) via",
        r"boletos?(?: \w+){0,3} (?:nao|atrasad\w+|vencid\w+|venc\w+|d[eo]ste|desse|errad\w+|de (?:janeiro"
        r"|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)|d[oa] (?:mes|meu"
        r"|minha|mensalidade|kumon)|chegou|veio)",
        r"(?:nao|ainda nao|cade|onde esta)(?: \w+){0,3} (?:o |meu )?boleto",
        r"(?:meu|do|o|manda\w*|envia\w*|preciso d[oe]|quero o|pagar o|paguei o|gerar|emitir"
        r"|segue o)(?: \w+)? (?:boleto|comprovante|recibo|informe de rendimentos|contrato d\w+ \w+)(?! (?:ou"
        r"|e) (?:pix|cartao))",
        r"nota(?:s)? fisca(?:l|is)|comprovantes?|recibos?|estorn\w+|reembols\w+|inadimpl\w+|faturas?|imposto de renda",
        r"(?:ja )?(?:paguei|fiz o (?:pix|pagamento|deposito)|efetuei o pagamento|transferi)",
        r"(?:cobranca|cobraram|cobrad[oa]s?|cobrando|cobrou|debitad\w+|debitaram)",
        r"(?:pagar|atrasei|atrasad\w+|vencid\w+|atraso)(?: \w+){0,3} mensalidade"
        r"|mensalidade(?: \w+){0,3} (?:atrasad\w+|vencid\w+|em aberto|venceu|d[oa] meu|d[oa] minha|paga|errada"
        r"|deste mes|desse mes|de (?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro"
        r"|novembro|dezembro))",
        r"(?:problema|erro|duvida|questao|engano)s? (?:com|n[ao]|sobre|d[ae]) (?:a |o |minha "
        r"|meu )?(?:cobranca|boleto|pagamento|fatura|mensalidade|pix|nota|aula d\w+|sistema)",
        r"(?:cancelar|cancelo|cancelamento|trancar|trancamento|encerrar|rescindir|suspender"
        r"|pausar)(?: \w+){0,4} (?:matricula|kumon|curso|aulas|contrato|mensalidade|inscricao d\w+ \w+|plano)",
        r"cancelar(?: a)? matricula",
        r"(?:tirar|sair|desistir|retirar|desligar|desmatricular|parar com|parar)(?: \w+){0,4} (?:d[oe] kumon"
        r"|kumon|das? aulas?|d[oe] curso|da unidade|com as aulas)",
        r"desmatricul\w+",
        r"(?:mudar|trocar|tocar|alterar|remarcar|repor|desmarcar|cancelar|adiantar|passar|reagendar|faltar"
        r"|antecipar)(?: \w+){0,4} (?:aulas?(?! (?:experimental|teste|gratuita|demonstrativa))|turma"
        r"|dias? d[aeo]s? (?:aulas?|kumon)|horario d[aeo]s? (?:aulas?|kumon|meu|minha)|unidade|vencimento"
        r"|dias? d[aeo]s? (?:meu|minha))",
        r"reposic\w+|repor (?:a |as |uma )?(?:aula|falta)s?",
        r"(?:peg\w+|busc\w+|retir\w+|entreg\w+|devolv\w+|deixar|passar para pegar"
        r"|troc\w+)(?: \w+){0,3} (?:materia(?:l|is)|apostilas?|licoes|licao|blocos?|tarefas?|folhas|livros?)",
        r"(?:material|apostila|licoes|blocos?|folhas|tarefas?)(?: \w+){0,3} (?:acab\w+|termin\w+|falt\w+|errad\w+)",
        r"(?:acab\w+|termin\w+|falt\w+|esqueceu|perdeu|perdi|esqueci)(?: \w+){0,3} (?:o |a |as "
        r"|os )?(?:material|apostilas?|licoes|blocos?|folhas)",
        rf"(?:{_CHILD}|eu|nos) (?:ja )?(?:e|sou|somos|estuda|estudo|faz|faco|esta|esta matriculad\w+"
        rf"|frequenta)(?: \w+){{0,3}} (?:alun[oa]s? (?:ai|d[eao]|kumon|de voces)|matriculad[oa]s?(?: ai"
        r"| no kumon| com voces)?)",
        r"(?:meu|minha) filh\w+ (?:\w+ )?(?:ja )?(?:estuda|faz kumon|faz aulas?|faz matematica|faz portugues"
        r"|faz ingles|frequenta)(?: \w+)? (?:ai|com voces|na unidade|nessa unidade|no kumon ai"
        r"|no kumon de voces)",
        r"ja (?:somos|e|sou) (?:alun[oa]s?|client\w+)",
        r"(?:aula|aulas) d[oa] (?:meu|minha) (?:filh|net)\w+ (?:hoje|amanha|de|na|no|as|e|foi|vai)",
        r"(?:transferencia|transferir|mudar) (?:de|para outra) unidade",
        r"(?:esqueceu|esqueci|deixou|perdeu)(?: \w+){1,4} ai(?= ontem| hoje|\W*$)",
        r"(?:saber|ver|acompanhar)(?: \w+){0,3} (?:desempenho|progresso|evolucao|rendimento|andamento)"
        r" d[oa] (?:meu|minha) \w+ (?:ai|no kumon|na unidade)",
        r"(?:reuniao|falar|conversar)(?: \w+){0,3} (?:sobre )?(?:o )?(?:desempenho|desenvolvimento|progresso"
        r"|evolucao|rendimento) d[oa] (?:meu|minha)",
        r"historico(?: escolar)? d[oa] (?:meu|minha)|declaracao de matricula|atestado de matricula",
        unless=_ASKED_BEFORE_JOINING,
    ),
    rule(
        "complain",
        r"reclam(?:ar|acao|acoes|o)|ouvidoria|procon|reclame aqui",
        r"(?:pessim[oa]s?|horrivel|terrivel|ruim demais|lixo|deplor\w+|lament\w+|vergonha|vergonhos\w+|descaso"
        r"|palhacada|sacanagem|falta de (?:respeito|consideracao|educacao|profissionalismo|organizacao)"
        r"|desrespeito|desorganiz\w+)(?! (?:em|de) (?:matematica|portugues|ingles))",
        r"(?:isso|que|e) (?:e |um )?absurdo",
        r"(?:nao|ninguem)(?: \w+){0,2} (?:respond\w+|atend\w+|retorn\w+|resolv\w+|deram retorno"
        r"|deu retorno)(?: (?:as|minhas|ninguem|nada|ate agora|o telefone|meu|minha))*",
        r"(?:problemas?|dificuldade) com (?:a |o |as |os )?(?:cobranca|voces|atendimento|professora?|unidade"
        r"|instrutor\w*|kumon|boleto|pagamento|fatura|recepcao|secretaria|diretora?)",
        r"mal atendid[oa]s?|mau atendimento|atendimento (?:pessimo|horrivel|ruim|ridiculo)|pior (?:atendimento"
        r"|lugar|escola)|fui destratad\w+|muito mal",
        r"(?:vou|irei) (?:processar|denunciar|expor|no procon|acionar)",
        r"(?:estou|fiquei|to|muito|bem|super)(?: \w+)? (?:chatead\w+|irritad\w+|indignad\w+|revoltad\w+"
        r"|decepcionad\w+|insatisfeit\w+|frustrad\w+|put[oa]|aborrecid\w+)",
        r"decepcao|decepcionad[oa]|insatisfeit[oa]|insatisfacao|indignad[oa]",
        r"(?:cobr\w+|descont\w+|debit\w+)(?: \w+){0,4} (?:errad\w+|indevid\w+|duas vezes|a mais|em dobro"
        r"|duplicad\w+|sem (?:avisar|autoriz\w+))",
        r"(?:cobranca|valor) (?:errad\w+|indevid\w+|duplicad\w+)",
        r"(?:ja )?(?:mandei|liguei|perguntei|pedi|enviei|tentei|falei)(?: \w+){0,4} (?:vezes|e nada|e ninguem"
        r"|e nao|ha dias|varias)",
        r"(?:esperando|aguardando)(?: \w+){0,3} (?:ha|faz|resposta|retorno|horas|dias|semana)",
        r"demora(?:m|ram|ndo)? (?:demais|muito|para responder|tanto)|que demora|(?:minh[ao]"
        r"|meu) (?:filh\w+ )?(?:foi|fui) (?:maltratad|destratad|humilhad)\w+",
        r"nao gost(?:ei|amos)(?: (?:nada|nem um pouco|muito|mesmo))* d\w+|nao estou satisfeit\w+|nao estou gostando",
        r"(?:professora?|instrutora?|funcionari[oa]|atendente|moca|secretaria) (?:foi |e |muito |super "
        r"|bem )*(?:gross\w+|mal educad\w+|rude|estupid\w+|ignorante|grit\w+)",
        unless=r"ele (?:reclama|vai reclamar)|ela (?:reclama|vai reclamar)|(?:escola|colegio|professor[a]?) d(?:ele"
        r"|ela)|na escola|no colegio|notas?|e pessim[oa] em|(?:ele|ela|filh[oa]) (?:e|esta|foi|vai|nao)|preco"
        r"|valor|car[oa]\b|nao (?:atende|responde) (?:sabado|domingo)|voces nao atendem|que notas"
        r"|dificuldade com (?:a )?(?:matematica|leitura|portugues)|horario (?:ruim|pessimo)"
        r"|nao respondeu a pergunta",
    ),
    rule(
        "insult",
        r"idiotas?|imbec(?:il|is)|otari[oa]s?|babacas?|trouxas?|cretin[oa]s?|escrot[oa]s?|vagabund[oa]s?"
        r"|safad[oa]s?|arrombad[oa]s?|desgracad[oa]s?|retardad[oa]s?|palhac[oa]s?|corn[oa]s?|canalhas?"
        r"|nojent[oa]s?",
        r"(?:vai|vao|va)(?: (?:voce|voces|todo mundo|todos|tudo))? (?:se|te|tomar|a|para a|para o|para) (?:foder|fuder"
        r"|ferrar|lascar|danar|catar|no cu|merda|puta|inferno|porra|caralho)(?: \w+)*",
        r"vsf|vtnc|vtmnc|fdp|pnc|tnc|filh[oa]s? d[ae] put[ao]|foda-?se|se foder?|va (?:a|para a) merda"
        r"|tomar no cu|enfia no|cala a boca|calem a boca",
        r"(?:que|sua?s?|seus?|uma?|essa|esse|esta) (?:merda|bosta|porra|lixo|droga|porcaria)s?(?: d[eo] \w+)?",
        r"(?:voces? (?:e|sao|nao passam de)|seus?|suas?|bando de|robo|bot|assistente|cambada de)(?: um| uma"
        r"| uns| umas| muito| mais| tao)* (?:burr[oa]s?|lixo|merdas?|bosta|inute?i?s?|inutil|inuteis|ladr(?:ao"
        r"|oes|a|as)|golpistas?|incompetentes?|ridicul[oa]s?|ignorantes?|estupid[oa]s?|mentiros[oa]s?"
        r"|pilantras?|caloteir[oa]s?|ladras?|antas?|jumentos?|asnos?|animais|bandidos?|picaretas?|vigaristas?|tapad[oa]s?"
        r"|lerd[oa]s?|nojentos?)",
        r"(?:robo|bot|maquina|assistente|ia) (?:burr[oa]|inutil|idiota|ridicul[oa]|de merda|lixo|ruim"
        r"|estupid[oa]|do inferno)",
        r"(?:seu|sua) (?:burr[oa]|lixo|inutil|anta|jumento|animal|ladr\w+)",
        r"(?:atendimento|servic\w+|lugar|escola|unidade|gente|empresa)(?: \w+)? (?:de merda|do caralho|de bosta"
        r"|do cacete)",
        r"(?:vou|vamos)(?: (?:te|ai|voces|todo mundo|ai e))* (?:matar|quebrar (?:tudo|a cara|voces)|bater em"
        r"|meter a mao|arrebentar|botar fogo|acabar com (?:voces|voce|tua|sua))|(?:te|voces) (?:mato|arrebento"
        r"|quebro)|sei onde (?:voce|voces) mora\w*",
        r"^\W*(?:merda|bosta|porra|caralho|burr[oa]|lixo|inutil)\W*$",
        unless=r"(?:meu|minha) filh|ele (?:se|e|acha|nao)|ela (?:se|e|acha|nao)|se (?:acha|sente) (?:muito )?burr"
        r"|chama\w* (?:ele|ela|meu|minha)|na escola|colegas?|nao (?:e|sou) (?:burr|idiota)|festa"
        r"|palhaco (?:para|de)|animador|caro|cara",
    ),
    rule(
        "request_person",
        r"(?:falar|conversar|tratar|papo|contato|resolver)(?: (?:direto|diretamente|agora|logo|melhor|ai|isso"
        r"|pessoalmente|por telefone|ao vivo|mais|um pouco))* (?:com|c/|a) (?:(?:uma?|alguma|algum|o|a|os|as"
        rf"|essa|esse|outra|outro) )*{_PERSON}",
        r"(?:atendimento|suporte) (?:humano|humanizado|pessoal|por pessoa|de verdade)",
        r"(?:quero|queria|preciso de|gostaria de|prefiro|me passa|me passe|passa para|me transfere"
        r"|transfere para|transferir para|me encaminha|encaminha|chama|chame|chamar|chama ai|cade"
        r"|me coloca com|me conecta com)(?: (?:um|uma|o|a|com|para|ao|falar com|logo|algum"
        r"|alguma))* (?:atendente|human[oa]|ser humano|pessoa (?:real|de verdade|humana)|alguem(?: da unidade"
        r"| ai| que resolva| real| responsavel)?|responsavel|gerente|diretora?|secretaria|recepcionista"
        r"|coordenador\w*|instrutor\w*|dono|dona)",
        r"^\W*(?:atendente|humano|pessoa|atendimento|atendimento humano|alguem)\W*$",
        r"(?:quero|queria|preciso d?e?|prefiro|so|exijo) (?:de )?(?:uma )?pessoa(?: de verdade| real| humana"
        r"| para me atender| me atendendo)\W*",
        r"(?:quero|prefiro|queria|exijo|exigir) (?:uma )?(?:pessoa|gente)(?: de verdade| real| de carne e osso)?\W*$",
        r"(?:nao|n) (?:quero|gosto de|vou|falo|consigo) (?:falar |conversar |ficar |de )*(?:com )?(?:robos?"
        r"|maquinas?|bots?|ia|inteligencia artificial|assistente virtual)",
        r"(?:voces |alguem |voce )?(?:pode|podem|poderia|poderiam|consegue|conseguem|tem como"
        r"|da para)?(?: alguem)? ?(?:me (?:liga|ligue|ligar|ligarem|liguem|telefona\w*|retorna a ligacao)"
        r"|ligar para mim|entrar em contato comigo|fazer uma ligacao|retornar (?:a |minha )?ligacao)",
        r"(?:quero|prefiro|gostaria de|posso|melhor|consigo)(?: \w+)? (?:falar|conversar|resolver"
        r"|atendimento)(?: \w+)? (?:por telefone|por ligacao|pessoalmente com)",
        r"(?:quero|queria|gostaria de|posso|preciso|poderia) falar com (?:a |o |dona |seu |a dona )(?!meu"
        r"|minha|cecilia|voce|meus|kumon|unidade)[a-z]+",
        r"tem (?:alguem|alguma pessoa|gente) (?:human[oa]|de verdade|real|de carne e osso)",
        r"tem (?:alguem|alguma pessoa|algum atendente|gente)(?: \w+){0,3} (?:me atender|para falar|atender"
        r"|disponivel|que possa)",
        r"(?:alguem|uma pessoa|gente)(?: (?:de verdade|real|de carne e osso|da unidade|ai|responsavel))? (?:pode"
        r"|poderia|consegue|vai|da unidade)(?: \w+)? (?:me )?(?:atender|ajudar|responder"
        r"|ligar|chamar|falar)",
        unless=r"nao (?:precisa|quero falar com (?:uma )?pessoa)|meu filho falar|ela (?:tem|nao)|aprender a falar"
        r"|para falar ingles|eu ligo|como (?:e|esta) (?:o )?responsavel",
    ),
    rule(
        "negotiate",
        r"descont\w+(?! (?:do|no) (?:salario|imposto))",
        r"promoc\w+",
        r"irmaos? pagam? menos",
        r"bolsas?(?: de estudos?| parcial| integral)?(?: social)?(?! escolar)",
        r"(?:abaix\w+|baix\w+|diminu\w+|reduz\w+|melhor\w+|faz\w*|consegu\w+|arruma\w*"
        r"|rola)(?: \w+){0,3} (?:preco|precinho|valor|mensalidade|por menos|mais barat\w+|mais em conta"
        r"|abatimento|um preco)",
        r"faz(?:em|er)? por \d+",
        r"(?:fica|fic\w+|sai|tem|algo|plano|opcao|um|uma)(?: \w+)? mais (?:barat[oa]|em conta)\?",
        r"isen(?:ta|tar|cao|tam|to)\w*",
        r"sem (?:a |pagar )?(?:a )?(?:taxa de )?matricula(?! \w+)",
        r"negoci\w+|pechinch\w+|cupom|convenios?|cortesia|condicao especial|condicoes especiais|melhor preco"
        r"|preco especial|abatimento|black ?friday|cobre(?:m)? (?:o|a) (?:preco|oferta)",
        r"(?:dividir|tirar|zerar|nao pagar|dispensar|perdoar) (?:a |o )?(?:valor da |taxa de )?matricula",
        r"(?:da|faz|consegue|tem como|rola)(?: \w+){0,2} (?:um )?(?:descontinho|jeitinho|precinho|agrado)",
        unless=r"visita (?:de )?cortesia|descontrai|bolsa (?:dele|dela|escolar)|descontar em mim|desconta nos"
        r"|aceita vr",
    ),
    rule(
        "injection",
        r"(?:ignor\w+|esque[cç]\w+|desconsider\w+|descart\w+|disregard|forget|desobede\w+|abandon\w+"
        r"|ignore)(?: \w+){0,4} (?:instruc\w+|instructions?|regras?|rules|prompts?|comandos?|orientac\w+"
        r"|anteriores|diretrizes|above|previous|treinamento|acima|programac\w+)",
        r"(?:ignor\w+|esque[cç]\w+|desconsider\w+|descart\w+) (?:de )?(?:tudo|o)(?: o)? que(?: \w+){0,2} (?:disseram"
        r"|falaram|mandaram|ensinaram|passaram|programaram|pediram|treinaram|veio antes)|(?:disregard|forget|ignore)"
        r" everything",
        r"(?:system|hidden|initial|seu|o|do|your|meu) ?prompt|prompt (?:de sistema|do sistema|inicial|injection)",
        r"(?:modo|mode) (?:desenvolvedor|dev|debug|admin\w*|deus|root|irrestrito|developer|manutencao"
        r"|teste do sistema)|developer mode|jailbreak|do anything now",
        rf"(?:revel\w+|mostr\w+|exib\w+|imprim\w+|repit\w+|repet\w+|list\w+|dig\w+|copi\w+|cole|traduz\w*|ver|saber"
        rf"|conhecer|acessar|me (?:diz|fala|passa|manda|mostra|conta|envia)|quais sao|quais|qual e|qual"
        rf"|show|print|reveal|repeat|tell me)(?: \w+){{0,4}} (?:{_WORKINGS})",
        r"(?:a partir de agora|agora|de agora em diante|from now on),? (?:voce|vc|you)(?: \w+)? (?:e|sera"
        r"|vai ser|vai se chamar|vai (?:agir|falar|responder|atuar|fingir)|deve|are|will|responda|age|aja|so)"
        r"(?! (?:me |que )?(?:atend|ajud|respond|manda))",
        r"voce (?:agora )?(?:vai|deve|pode|tem que) (?:agora )?(?:se chamar|agir como|falar como|atuar como|fingir"
        r"|se passar por)",
        r"(?:finja|finge|finjam|fingir|faz de conta|faca de conta|simul[ae]|pretend"
        r"|roleplay)(?: que)? (?:voce|ser|e|seja|you|to be|um|uma|o meu|meu|minha|a minha|nao ser|nao e)",
        r"(?:imagin[ae]|suponha) (?:que )?(?:voce|ser|seja)",
        r"(?:aja|atue|comporte-se|comporta-se|haja|act|behave|interprete)(?: \w+){0,2} (?:como|o papel|as)",
        r"(?:^|[,.!;:] ?)\W*(?:responda|responde|fale|fala|escreva)(?: \w+){0,2} como (?:se fosse|um|uma)(?! pessoa)",
        r"(?:sou|aqui e) (?:o |a |seu |sua |um |uma )?(?:programador\w*|desenvolvedor\w*|criador\w*|administrador\w*"
        r"|engenheir\w+)(?: \w+){0,2} (?:seu|sua|que te|que criou|d[oae] (?:sistema|bot|robo|chat|openai|assistente"
        r"|ia))",
        r"^\W*(?:system|sistema|admin|assistant) ?:",
        r"you are now|you must|<\|?/?(?:system|im_start|im_end|assistant|user)\|?>?|\[/?(?:inst|system)\]"
        r"|###? ?(?:system|instruction|instruc\w+)|</?(?:system|instructions?|prompt)>|begin system"
        r"|end of (?:system )?prompt",
        r"(?:confirm\w+|diga|fale|escreva|responda|prometa|anuncie)(?: \w+){0,3} que (?:o |a )?(?:kumon|curso"
        r"|mensalidade|matricula|preco|valor) (?:e|custa|esta|sera|vai ser) (?:de graca|gratis|gratuit\w+"
        r"|r\$ ?\d|\d+ reais|um real)",
        r"voce (?:e|sera) (?:agora )?(?:um|uma) (?:pirata|hacker|gpt|chatgpt|modelo|poeta|advogado|medico"
        r"|cozinheir\w+|ia sem|assistente sem)\w*",
        r"(?:drop|delete|select|insert|update) (?:table|from|\* from|into)",
    ),
)
ABSENCE = rule(
    "class_admin",
    rf"{_CHILD} (?:nao )?(?:vai|podera|pode|consegue|conseguira|ira)(?: \w+)? (?:faltar|se atrasar|atrasar"
    r"|chegar (?:atrasad\w+|mais tarde))",
    rf"{_CHILD} nao (?:vai|podera|pode|consegue|conseguira|ira|foi)(?: \w+)?(?: (?:ir|comparecer|para|na|a"
    r"|hoje))* (?:aula|kumon|unidade|ai hoje|hoje ao|hoje no)",
    rf"{_CHILD} (?:faltou|falta hoje|vai faltar|esta doente|ficou doente)(?: .*)?(?:aula|kumon|hoje|ai)?",
    unless=_ASKED_BEFORE_JOINING,
)
"""A pupil misses a class; of who has a visit ahead it is the visit."""
