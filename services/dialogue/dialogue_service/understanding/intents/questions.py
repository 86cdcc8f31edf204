"""What parents ask about the school."""

from dialogue_service.understanding.intents.rule import rule

_VERB_OF_PRICE = (
    r"(?:e|esta|fica|ficam|custa|custam|custaria|sai|saem|seria|ficaria|sairia|pago|paga|pagaria|cobra|cobram"
    r"|da|daria|vale|estao|vou pagar|vai ficar|vai custar|vai sair)"
)
_NOT_THE_FEE = (
    r"(?! (?:o |a |os |as |cada |um |uma |de |d[oa] )*(?:material|apostila|livro|visita|avaliac|teste\b|diagnostic"
    r"|aula (?:teste|experim)|\d+ ?[x*+-]|raiz))"
)
_WE = r"(?:voces|voce|ai|a unidade|o kumon|kumon|la|a escola)"
_SUBJECT = (
    r"(?:matematica|portugues|ingles|redacao|japones|espanhol|frances|alemao|ciencias|fisica|quimica|historia"
    r"|geografia|robotica|programacao|informatica|xadrez|musica|alfabetizacao|leitura|interpretacao)"
)
_MATERIAL = r"(?:materia(?:l|is)(?: didatico)?|apostilas?|livros?|cadernos?|folhas|folhinhas)"
_CHILDREN = (
    r"(?:criancas?|crianca|bebes?|adult[oa]s?|idos[oa]s?|adolescentes?|alun[oa]s?|pessoas? (?:mais velh|adult"
    r"|de)\w*|jove(?:m|ns)|quem)"
)
_AGE = r"(?:\d{1,2}|um|dois|tres|quatro|cinco|seis|sete|oito|nove|dez) (?:anos?|aninhos?|meses)"
_HOLIDAY = (
    r"(?:feriad\w+|ferias|recesso|natal|ano novo|reveillon|carnaval|pascoa|corpus christi|sexta[- ]feira santa"
    r"|tiradentes|fim de ano|final de ano|fim do ano|final do ano|vespera\w*|em (?:janeiro|fevereiro|julho|dezembro))"
)
_OPEN = (
    r"(?:abr\w+|fech\w+|funcion\w+|atend\w+|abert[oa]s?|trabalh\w+|estao|tem aulas?|tem kumon|vai ter aulas?"
    r"|tera aulas?|tem atendimento|para|param|da(?:o)? aula)"
)
_DAY = (
    r"(?:segunda|terca|quarta|quinta|sexta|sabados?|domingos?|fim de semana|finais de semana|hoje|agora|amanha"
    r"|a noite|de noite|de manha|a tarde|de tarde|na hora do almoco|para (?:o )?almoco|no almoco|ao meio[- ]dia"
    r"|todos os dias|todo dia|dia \d+|as \d+|ate as)"
)

QUESTIONS = (
    rule(
        "ask_price",
        rf"quanto(?: e)?(?: que)?(?: {_WE})?(?: (?:esta|me|eu|mais ou menos))? {_VERB_OF_PRICE}(?! (?:mensagem"
        rf"|tempo)){_NOT_THE_FEE}",
        r"quanto(?: custa)? (?:o |a |as |os )?(?:mensalidade|matricula|curso|kumon|aulas?|matematica|portugues"
        r"|ingles|hora|mes)",
        r"(?:^|por |(?<=, ))\W*(?:e )?quanto\W*$",
        r"(?:sai|saem|fica|ficam|cobra\w*|custa) (?:por |em |a )?quanto(?! tempo)",
        r"^\W*(?:isso e |e |ou |depois )*(?:por|ao)"
        r" (?:mes|semestre|ano|trimestre|materia|disciplina|crianca|filho|aluno)\?",
    ),
    rule(
        "ask_price",
        r"(?:os )?precos?(?! d[oa]s? (?:material|apostila|livro))",
        r"valor(?:es)?(?! d[oa]s? (?:material|apostila|livro|visita|avaliac))",
        r"mensalidades?",
        r"custos?",
        r"investimento(?: mensal)?",
        r"orcamento(?! d)",
        r"tabela de precos?",
        r"(?:taxa|valor) (?:de|da) matricula",
        r"taxas?",
        r"(?:saber|quero|queria|passa|manda|me da) (?:da |a |sobre a |o valor da )?matricula\?",
        unless=(
            r"quando vence|vencimento|mesmo (?:valor|preco)|car[oa]\b|salgad|puxad|pesad|alto|alta|absurd"
            r"|achei|minha mensalidade"
            r"|paguei|pagar a mensalidade|pago a mensalidade|boleto|atrasad|vencid|venceu|cobra(?:d|ram|nc|ndo)"
            r"|material|apostila|incluso|inclui|desconto|negoci|abaixa|baixa\b|baixar|diminui|melhor(?:a|ar)\b"
            r"|fora do|acima do|alem do|nao (?:tenho|cabe|da|consigo|posso)|dar valor|valoriz"
            r"|orcamento (?:apertado|nao)"
            r"|mensalidade d[oea] (?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro"
            r"|novembro|dezembro|meu|minha|mes)|forma|como (?:e feito|pag)|se sente|de novo o valor errado"
            r"|valor errad|isen|bolsa|mais barat"
        ),
    ),
    rule(
        "ask_price",
        r"(?:e|eh|sao|fica|nao e) (?:muito |mto |tao )?car[oa]s?(?: (?:o|a|ai|kumon|mensalidade|curso|isso).*)?\?",
        r"(?:e|sao|o kumon e|o curso e|as aulas sao) (?:pag[oa]s?|de graca|gratis"
        r"|gratuit[oa]s?)(?: ou (?:pag[oa]|de graca|gratis|gratuit[oa]))?\?",
        r"^\W*(?:e )?(?:se for(?:em)? |para |com |se fizer |fazendo )?(?:as )?(?:so )?(?:2|duas|3|tres|1|uma"
        r"|um)(?: (?:so|materias?|disciplinas?|filhos|criancas|alunos))?(?: juntas| so)?\?",
        r"(?:tem|cobra\w*|paga\w*|precisa pagar|existe) (?:alguma |a |de )?(?:taxa|matricula|adesao|inscricao)",
        r"quanto (?:por|ao|no) mes",
        r"matricula (?:e )?(?:pag[oa]|cobrada|anual)",
        r"que preco",
        unless=r"visita|avaliac|teste|material|apostila|experimental|primeira aula",
    ),
    rule(
        "ask_hours",
        r"(?:horarios?|horas?|dias?)(?: e horarios?)? (?:de |do |da |d[oa]s |que )?(?:funcionamento"
        r"|atendimento|atende\w*|abr\w+|fech\w+|funcion\w+|aulas?|abertura)",
        rf"(?:que|quais|q) horas?(?: (?:e que|{_WE}))? (?:abr\w+|fech\w+|funcion\w+|atende\w*"
        r"|comeca\w* a atender|estao|ficam|fica|esta|vai|vao|encerra\w*)",
        r"(?:abr(?:e|em)|fecha(?:m)?) (?:as |ja |so )*\d{1,2} ?h?(?:oras)?",
        r"(?:qual )?(?:o )?expediente(?: de| da)?|em que horarios? (?:voces )?(?:funcionam|atendem|abrem)",
        r"ate que horas?(?! (?:posso|preciso|devo) (?:confirmar|responder))",
        rf"(?:{_WE} )?(?:abr(?:e|em|ira|irao|indo)|va[io]o? abrir|fecha(?:m|do|dos)?|funciona(?:m|ndo)?"
        r"|atende(?:m|ndo)?|esta(?:o)? (?:abert[oa]s?|funcionando|atendendo)|abert[oa]s?"
        rf"|trabalha(?:m)?) (?:ai |aos? |n[oa]s? |de |n?ess?e |n?esta |tambem |so |as |la )*{_DAY}",
        rf"(?:{_DAY}|n[oa]) (?:{_WE} )?(?:abre|abrem|fecha|fecham|funciona|funcionam|esta aberto|estao abertos"
        r"|atende|atendem|tem atendimento)",
        rf"(?:tem|vai ter|tera|havera) (?:aulas?|kumon) (?:n[ao]s? |aos? )?{_DAY}",
        r"(?:ja |ainda )?(?:esta|estao|ta) (?:abert[oa]s?|atendendo|funcionando)(?: ainda| agora| hoje)?\?",
        r"(?:quais|que) (?:os |sao os )?dias(?: da semana)?(?: e (?:os )?horarios)? (?:voces |ai |que |de "
        r"|tem |da |sao |funciona)?(?:atende|funciona|abre|tem|aula|da|voces)?\w*",
        r"(?:qual|quais|que|saber|sobre)(?: e| sao| seria| seriam)? (?:o |os )?horarios?(?: (?:de voces|ai"
        r"|da unidade|do kumon|das aulas|da aula|que tem|tem|teria|voces tem))?\W*$",
        r"^\W*(?:e )?(?:o |os )?horarios?\?|(?:saber|ver) (?:o |os )?horarios? para (?:o |a )?(?:meu|minha)",
        r"qual(?: e| seria)?(?: o)? (?:primeiro|ultimo) horario",
        r"(?:precos?|valor(?:es)?|mensalidade|endereco|local|idade(?: minima)?|materias?)(?: e|,)"
        r" (?:o |os |qual (?:o )?)?horarios?(?=\W*$|,| e | por (?:favor|gentileza))",
        rf"(?:qual|que|quais|em que)(?: e)?(?: o| os)? horarios?(?: (?:e que|que|{_WE}))* (?:abr\w+|fech\w+|funcion\w+"
        r"|atend\w+|ficam?|estao|trabalham?)",
        r"(?:abr(?:e|em)|fech(?:a|am)|funciona(?:m)?|atende(?:m)?)(?: \w+)?,? (?:de |ate |as |a partir de "
        r"|em )?(?:que|quais) (?:horas?|horarios?|dias?)",
        r"horarios? d[aeo]s? (?:kumon|unidade|aulas?|voces|escola|curso)",
        r"que horas? (?:sao|e|comeca|comecam|tem) (?:as |a )?aulas?",
        r"(?:quais|que) horarios? (?:tem|teria|voces tem|sao)(?: as)? aulas?",
        unless=r"visita|agend|marcar|disponi|minha (?:aula|visita|avalia)|meu horario|trocar|mudar|feriad|ferias"
        r"|recesso|natal|carnaval|pascoa|quantos dias|quantas|estuda|escola dele|escola dela|autis|tdah",
    ),
    rule(
        "ask_holidays",
        rf"{_OPEN}.{{0,30}}{_HOLIDAY}",
        rf"{_HOLIDAY}.{{0,30}}{_OPEN}",
        rf"^\W*(?:e )?(?:n[oa]s? |em |tem |de )+{_HOLIDAY}(?: tem)?\?",
        r"(?:quais|que) (?:os |sao os )?feriados",
        r"tem (?:ferias|recesso)",
        r"(?:e|eh|sera|cai n[oa]|por ser) (?:um |no )?feriado(?: \w+)?\W*\??",
        unless=r"viaj\w+|vamos viajar|depois d[aeo]s? ferias eu",
    ),
    rule(
        "ask_address",
        r"enderecos?(?! (?:de |do )?e-?mail)",
        rf"(?:a)?onde(?: e)?(?: que)?(?: {_WE})? (?:fica\w*|e|esta\w*|estao|seria|se localiza|localiza\w*"
        r"|funciona|encontro|atende\w*|posso (?:parar|estacionar))(?! (?:o |a )?(?:meu|minha|erro|boleto))",
        r"(?:a )?localizacao",
        r"localizad[oa]s?",
        r"como (?:eu )?(?:faco para chegar|chego|chegar|vou ate|faz para chegar)",
        r"(?:em |n)?(?:que|qual)(?: e)?(?: [oa])? (?:rua|bairro|regiao|lugar|local|cidade|avenida|predio|sala|andar)",
        r"fica(?:m)? (?:onde|aonde|perto d\w+|em que|em qual|n[ao] \w+\?|longe d?)(?=.*\?|\b)",
        r"(?:tem )?pontos? de referencia",
        r"(?:tem |onde tem )?(?:estacionamento|onde estacionar|vaga para carro|lugar para (?:parar"
        r"|estacionar)(?: o carro)?|acesso para cadeirante|elevador|rampa)",
        r"facil de chegar|nome da rua",
        r"(?:e|fica|ficam|estao?) (?:bem |mais )?(?:pert(?:o|inho)|proxim[oa]s?|ao lado|do lado|em frente|na frente"
        r"|atras) (?:d[aeo]s?|a|ao|à)(?: \w+){1,6}\?",
        r"onibus",
        r"(?:manda|envia|passa|me da|compartilha)\w* (?:a |o |sua )?(?:loc|localizacao|mapa|link do maps|pin|end)",
        r"(?:google )?maps",
        r"cade voces",
        r"(?:e |fica )?(?:muito )?longe(?: d\w+(?: \w+)?)?\?",
        r"voces (?:sao|ficam) (?:de|em) (?!kumon|segunda|terca|quarta|quinta|sexta)\w+",
        unless=r"e-?mail|onde (?:voce )?(?:mora|estuda)|onde foi|onde esta (?:meu|minha|o boleto)",
    ),
    rule(
        "ask_method",
        rf"como(?: e)?(?: que)?(?: (?:{_WE}|o aluno|a crianca|ele|ela))? (?:funciona\w*|trabalha\w*|ensina\w*"
        r"|aprende\w*)(?! (?:o |a |para |com o |com a |os |as |d[oa] )*(?:pagamento|pagar|visita|avaliac"
        r"|connect|matricula|horario|agendamento|online|cancel|reposic|teste|experiment|aula (?:exper|teste)))",
        r"como (?:e|sao|seria|seriam) (?:o |a |as |os |esse |essa )?(?:metodo|metodologia|ensino|kumon|aulas?"
        r"|curso|programa|trabalho|acompanhamento|esquema|sistema|funcionamento)",
        r"(?:o |do |esse |sobre o |seu |de )?metod(?:o|ologia)s?(?: (?:de ensino|kumon))?",
        r"o que (?:e|eh|seria|vem a ser)(?: exatamente| mesmo)?(?: o| esse)? kumon",
        r"(?:explica\w*|fala\w*|conta\w*|conhecer|saber|entender|informac\w+|interesse|duvidas?"
        r"|detalhes)(?: (?:mais|melhor|um pouco|bem|me|para mim|tudo|coisas|geral|gerais|detalhes|alguma coisa"
        r"|informacoes))* (?:sobre |d[eo] |n[oa] |como e |como funciona )+(?:o |um pouco "
        r"|curso )?(?:d?o )?(?:kumon|metodo|curso|programa|trabalho|sistema)",
        r"(?:conhecer|entender) (?:melhor |mais )?(?:o |um pouco )?(?:do |sobre o )?(?:kumon|metodo|trabalho|programa)",
        r"quant[oa]s (?:alunos|criancas) (?:por|n[ao]|tem|em|cada|ficam)",
        r"(?:e |sao |aula )?(?:individual|em grupo|em turma)(?: ou .*)?\?",
        r"(?:tem|qual|quem sao) (?:os |o |a )?(?:professor(?:a|es)?|instrutor\w*)\?",
        r"quem (?:da|ensina|ministra|dara) (?:as )?(?:aulas?)?",
        r"(?:ate )?(?:que|qual|onde) (?:nivel )?vai (?:o |a )?(?:conteudo|matematica|portugues|ingles|curso|kumon)",
        r"ensina\w* calculo",
        r"(?:muit|pouc)[oa]s (?:alunos|criancas) (?:por|n[ao]|em)|(?<!para )(?<!de )(?<!reforco )(?:a "
        r"|o )?(?:aula|ensino|curso|atendimento) (?:e |sao )(?:particular|individual\w*|em grupo)(?: ou .*)?\?"
        r"|ate (?:onde|que conteudo) (?:o aluno (?:chega|vai)|vai)",
        r"por onde (?:ele |ela |se )?comec\w+",
        r"come\w+ d[oe] zero",
        r"(?:descobre\w*|sabe\w*|avalia\w*|identifica\w*) o nivel",
        r"ele pode adiantar|adiantar a materia",
        unless=r"pagamento|visita|horario d|aula experimental|boleto|ja conhec|conheco",
    ),
    rule(
        "ask_subjects",
        r"(?:quais|que|qual)(?: sao)?(?: as| os| a| o)? (?:materias?|disciplinas?|cursos?|modalidades?"
        r"|opcoes de curso)(?! (?:ele|ela|meu|minha|voce quer|seria melhor))",
        rf"(?:^|[,!] ?|{_WE} |tambem |se |mas |e )\W*(?:tambem |so |nao )?(?:tem|teem|teria|da|dao|oferece\w*"
        r"|ensina\w*|trabalha\w*|existe|rola)(?: (?:so|tambem|aulas?|cursos?|o|a|de|com|ai|la"
        rf"|alguma))* {_SUBJECT}(?! (?:online|a distancia))",
        r"ensina\w* o que|o que (?:voces )?ensinam",
        rf"(?:so|apenas|somente) (?:tem |e |ensina\w* |trabalha\w* )?(?:com |de )?{_SUBJECT}",
        r"(?:da para|posso|pode|precisa|tem que|obrigad\w+ a?) ?(?:fazer|escolher|cursar) (?:as |so "
        r"|apenas )*(?:2|duas|3|tres|1|uma|mais de uma)(?: materias?| disciplinas?|(?=\W*$))",
        r"(?:e )?(?:redacao|japones|espanhol|frances|ciencias|robotica|programacao|fisica|quimica),? (?:tem|voces tem)",
        r"(?:ajuda\w*|reforco)(?: (?:em|com|de|n[ao]))+"
        r" (?:fisica|quimica|biologia|historia|geografia|ciencias|redacao)",
        asks=True,
        unless=r"dificuldade|(?:ele|ela|filh[oa]|que|meu|minha) tem|nota|prova|problema|material|quanto|preco|valor",
    ),
    rule(
        "ask_age_range",
        r"(?:a partir|apartir|de|com|ate|desde|para) (?:d[eo] )?(?:que|qual|quantos|quanto)(?: e a)? (?:idade"
        r"|anos|aninhos|faixa)",
        r"(?:qual|quais)(?: e| seria)? (?:a |as )?(?:idades?|faixa etaria)(?: (?:minima|maxima|ideal|certa"
        r"|para|de|que|voces|atend|aceit).*|\W*)$",
        r"idade (?:minima|maxima|certa|ideal|limite)",
        r"(?:limite|faixa|tem) (?:de )?(?:idade|etaria)",
        rf"(?:aceita\w*|pega\w*|atende\w*|recebe\w*|tem|teria|da para|serve|ensina\w*)(?: \w+){{0,4}} {_CHILDREN}",
        rf"(?:so |e so |apenas )(?:para|atende\w*|aceita\w*) {_CHILDREN}",
        rf"{_CHILDREN} (?:tambem )?(?:pode\w*|consegue\w*|faz\w*|estuda\w*|aprende\w*)(?! (?:estudar|ir"
        r"|fazer) (?:ate|as))",
        rf"(?:aceita\w*|pega\w*|pode|podem|atende\w*|a partir d[eo]s?|da para)(?: \w+){{0,4}} {_AGE}",
        r"(?:nao )?(?:e|esta|seria) (?:muito |mto )?(?:cedo|nov[oa]|pequen[oa]|velh[oa]|tarde)(?: demais"
        r"| para (?:comecar|fazer|ele|ela|entrar|aprender).*)?\?",
        rf"(?:para|com) {_AGE}\?|acha(?:m)? (?:muito |que e )?(?:cedo|tarde)",
        r"quantos anos (?:precisa|tem que|minimo)|(?:com|a partir de) quantos anos",
        r"(?:crianca pequena|gente grande|adulto|idoso|bebe)s?(?: tambem)? pode\w*|sou adult[oa],? (?:posso"
        r"|da para)|e muito nov[oa],? (?:ja )?pode",
        r"(?:posso|da para|serve) (?:estudar|fazer|para).{0,20}(?:adult\w+|concurso|idos\w+|faculdade|na minha idade)",
        r"curso para (?:adult|idos)\w+",
        asks=True,
        unless=r"autis|tdah|dislex|especia|sindrome|down|atipic|deficien|horario|sabado|visita|agend|quem (?:da|esta"
        r"|fala|e)|levar a crianca|necessidade|quanto (?:custa|e|fica|sai|seria)|quanto\w* custa|desconto"
        r"|preco|valor|como |conteudo|por turma",
    ),
    rule(
        "ask_age_range",
        rf"(?:de |com )?{_AGE}(?:,? \w+){{0,2}},? (?:(?:ja|ela|ele) )*(?:pode|podem|consegue|da para (?:fazer"
        r"|entrar)|e muito|entra|aceita\w*|nao e)(?! (?:ser|marcar|confirmar|ir|agendar|pagar|dia|na|no|as"
        r"|a tarde|de))",
        r"(?:ainda )?nao sabe ler,? (?:ja )?(?:pode|consegue|da para)",
    ),
    rule(
        "ask_duration",
        r"quanto(?:s)? tempo(?: (?:e|dura|duram|demora|de|fica|leva|cada|por|tem|ele|ela|a aula|as aulas"
        r"|precisa|preciso|o curso|em media|mais ou menos))?",
        r"(?:a |qual a )?duracao",
        r"quantas (?:vezes|aulas|horas)",
        r"quantos (?:dias|minutos|meses) (?:por|na|n[ao]|de|da|dura|leva|tem|ele|ela|sao|e|precisa|fica|em"
        r"|para (?:concluir|terminar|acabar))",
        r"quantos anos (?:dura|leva|demora|sao|fica|para (?:concluir|terminar|acabar))",
        r"(?:precisa|tem que|deve) estudar (?:todo dia|todos os dias|nos dias|em casa|sozinh\w+)"
        r"|(?:os )?pais (?:precisam|tem que|devem) (?:ajudar|acompanhar|estudar)|multa (?:para|por|se|de)",
        r"(?:qual )?(?:a |e a )?frequencia(?: das aulas)?",
        r"(?:e|precisa ir|tem que ir|tem aula|sao|vai) (?:todo dia|todos os dias|todo santo dia|diariamente)",
        r"(?:tem|da|dao|passa\w*|vai|leva|manda\w*|precisa fazer) (?:muit[ao] )?(?:licao|licoes|tarefas?|dever"
        r"|deveres|tema|exercicios?|atividades?)(?: (?:de|para|em|todo|pra) (?:casa|dia|todo dia|fazer))",
        r"(?:estudar|fazer|praticar|tarefa|licao)(?: \w+){0,3} em casa",
        r"carga horaria",
        r"(?:tem|teria|precisa|precisaria|deve) (?:de |que )?ir(?: \w+){0,2} (?:todo dia|todos os dias|na semana"
        r"|por semana|diariamente)",
        r"(?:tempo|prazo|periodo) minimo|fidelidade|contrato",
        r"(?:a )?aula (?:e|dura|tem|seria)(?: de)? (?:\d|uma?|meia|quant)\w*(?: ?(?:hora|h|min)\w*)?\?",
        r"(?:so )?(?:uma|1|duas|2|tres|3) vez(?:es)? (?:por|na) semana",
        unless=r"visita|resultado|melhora|evolu|respond|atend|espera|aguard|pagar|mudar|trocar|repor|avaliac"
        r"|agendamento|ele (?:ja )?faz kumon ha|esperando",
    ),
    rule(
        "ask_material",
        rf"{_MATERIAL}(?: \w+){{0,4}} (?:inclu\w+|separad\w+|a parte|pag[oa]\w*|cobra\w*|compr\w+|por fora"
        r"|cust\w+|valor|preco|fornec\w+|e de voces|ja esta)",
        r"(?:compr\w+|pag\w+|precis\w+|inclu\w+|cust\w+|valor|preco|cobra\w*|quanto|fornec\w+|como e|qual"
        rf"|quais|ganha\w*|leva\w*)(?: \w+){{0,4}} {_MATERIAL}",
        rf"^\W*(?:e )?(?:o |os |as |a |sobre o )?{_MATERIAL}\?",
        rf"(?:e|mas) (?:o |os |as |a )?{_MATERIAL}\?",
        rf"(?:com|mais) (?:o )?{_MATERIAL}(?: didatico)?\?",
        unless=r"peg(?:ar|o)|busc\w+|retir\w+|acab\w+|entreg\w+|devolv\w+|esqueceu|perdeu|visita",
    ),
    rule(
        "ask_payment",
        r"(?:qual(?:is)?|quais)?(?: as| a| sao as)? ?(?:formas?|meios?|condicoes|opcoes) de pagamentos?",
        r"como (?:e|faz|faco|funciona|posso|se|eu|fica|seria)(?: feito)?(?: \w+)? ?(?:o |para )?(?:pagar"
        r"|pagamento|pago|paga)",
        r"(?:aceita\w*|pode\w*|posso|da para|pagar|pagamento|paga\w*|passa\w*|trabalha\w*|e|so"
        r"|parcela\w*)(?: \w+){0,3} (?:pix|cartao|credito|debito|boleto|dinheiro|vale|cheque|vr|transferencia)",
        r"^\W*(?:e )?(?:tem |aceita )?(?:pix|cartao|boleto)\?",
        r"(?:qual|passa|manda|me da|saber)(?: \w+){0,2} (?:chave|numero|codigo|dados) (?:do |de |para o |para )?pix"
        r"|(?:qual|passa|manda)(?: \w+)? pix",
        r"parcel\w+|(?:divide|passa|aceita)(?: \w+){0,2} (?:cartao|credito|debito)",
        r"(?:qual )?(?:o )?(?:dia d[eo]|data d[eo]) (?:vencimento|pagamento)",
        r"(?:vence|pago|paga|pagar) (?:todo|em que|qual|que) dia",
        r"(?:posso|da para|pode) pagar (?:dia|ate|no dia|so|depois|em)|quando (?:e que )?(?:vence|paga|pago"
        r"|tenho que pagar)|paga quando",
        r"(?:pagar|pagamento) (?:e )?(?:mensal|anual|adiantado|antecipado|semestral|por mes)",
        unless=r"paguei|nao (?:recebi|chegou)|atrasad|segunda via|2a via|comprovante|ja foi|errad|desconto"
        r"|mais barato|estorn|problema",
    ),
    rule(
        "ask_results",
        r"(?:ver|vejo|vemos|veem|ve|verei|notar|nota|percebe\w*|sentir|sente|aparece\w*|da|dar|surt\w+|faz|traz"
        r"|trazer|tem|ter)(?: \w+){0,2}"
        r" (?:diferencas?|melhoras?|melhoria|evoluc\w+|mudancas?|efeitos?|progressos?|avancos?)(?! (?:de|d[oa]|entre"
        r"|para) (?:idade|preco|valor|voces|kumon|o|a|um|uma))",
        r"(?:costuma\w*|consegue\w*|vai|vao|demora\w*)(?: \w+){0,3} (?:melhora\w*|evolui\w*|desenvolver|deslanchar"
        r"|avancar)(?: \w+){0,3}",
        r"(?:evolu\w+|melhora\w*|aprend\w+|desenvolv\w+|avanc\w+) (?:mesmo|de verdade|de fato|rapido|bastante)",
        r"(?:notas?|boletim|desempenho|media)(?: \w+){0,3} (?:melhora\w*|sobe\w*|subi\w*|aumenta\w*)",
        r"garantia(?:s)?(?: \w+){0,3} (?:aprend\w+|melhor\w+|resultados?|evolu\w+|de que)",
        r"(?:funciona\w*|da certo|adianta|e bom|ajuda|resolve|aprende\w*) (?:mesmo|de verdade|na pratica|realmente)"
        r"|quant[oa]s? (?:tempo|meses) (?:ate|para) (?:ele|ela) melhor\w+",
        r"(?:da|ver|vejo|traz|tem|aparece\w*|os|quais|que|garant\w+|quando|notar|teve"
        r"|esperar)(?: \w+){0,3} resultados?(?! da (?:prova|avaliac))",
        r"vale a pena",
        r"garant(?:e|em|ia|ido|ia de)\b",
        r"(?:melhora\w*|aumenta\w*|subir|sobe\w*|recupera\w*)(?: \w+){0,2} (?:notas?|desempenho|boletim|media)",
        r"(?:vai|consegue|ajuda a) passar de ano",
        r"(?:tem |algum )?(?:depoimentos?|casos? de sucesso)",
        r"(?:em )?quanto tempo(?: \w+){0,4} (?:resultad|melhor|evolu|aprend|diferenca)\w*",
        r"(?:o kumon|isso|esse metodo|voces) (?:e bom|funciona|ajuda|realmente)(?: \w+)?\?",
        r"(?:o kumon|esse metodo|o metodo) (?:e bom|e indicado|serve|ajuda|funciona|adianta)(?: \w+){1,6}\?",
        r"(?:^|(?<=[,.] ))(?:e |isso |sera que )*(?:funciona|da certo|ajuda|adianta|resolve)"
        r"(?: (?:assim|para (?:mim|ele|ela|isso)))?\?",
        asks=True,
    ),
    rule(
        "ask_trial",
        r"aulas? (?:experimenta(?:l|is)|testes?|gratis|gratuitas?|demonstrativas?|de (?:teste|experiencia"
        r"|demonstracao|graca|cortesia)|para (?:ver|conhecer|testar|experimentar))",
        r"experimental",
        r"experimentar|testar antes|degustac\w+",
        r"(?:avaliac\w+|teste|prova)(?: \w+){0,3} (?:gratuit\w+|gratis|pag[oa]|cobrad\w+|custa|de graca"
        r"|inicial|diagnostic\w+|de nivel|para entrar|de nivelamento)",
        r"(?:como|o que|qual|quanto|tem|existe|fazem|precisa)(?: \w+){0,4} (?:avaliac\w+|teste (?:inicial"
        r"|de nivel|diagnostico|de nivelamento)|diagnostic\w+|nivelamento)",
        r"teste para (?:saber|ver|medir|descobrir)|conhecer (?:a|uma) aula antes",
        r"(?:e |fica )?(?:a )?avaliac\w+\?",
        r"(?:fazer|ter|assistir) uma aula (?:para|antes|de)|assistir (?:a )?uma aula|fazer uma aula\?"
        r"|precisa\w* fazer (?:alguma |uma )?(?:prova|teste)",
        r"(?:e )?(?:de graca|gratuit[oa]|gratis) (?:a |o )?(?:avaliac\w+|teste|diagnostic\w+|primeira aula)",
        r"primeira aula (?:e )?(?:gratis|gratuita|de graca|paga)",
        unless=r"minha avaliac|resultado da avaliac|(?:agendar|marcar|remarcar|confirmar|cancelar"
        r"|desmarcar)(?: \w+){0,2} avaliac",
    ),
    rule(
        "ask_special_needs",
        r"autis\w+|tea|tdah?|dislexi\w+|discalculi\w+|sindrome(?: de)?(?: down)?|down|(?:neuro)?atipic\w+"
        r"|neurodiver\w+|asperger",
        r"(?:necessidades?|crianca|educacao|aluno|filh[oa]|atendimento|educacionais)s? especia(?:l|is)",
        r"e especial|sao especiais|especiais\?",
        r"deficien\w+(?! de atencao basica)|pcd|superdot\w+|altas habilidades|hiperativ\w+"
        r"|deficit(?: de atencao)?|transtornos?|laudo|surd[oa]s?|paralisia|espectro",
        unless=r"(?:da|dao|faz\w*|emit\w+|fornec\w+|consegu\w+)(?: \w+){0,2} (?:laudo|diagnostico)",
    ),
    rule(
        "ask_online",
        r"on ?-?line|ead|a distancia|remot[oa]s?|virtua(?:l|is)(?! assistente)",
        r"presencia(?:l|is)(?:mente)?",
        r"(?:por|via|pelo|pela) (?:video|zoom|meet|internet|skype|videochamada|computador|celular|tablet"
        r"|aplicativo|app)",
        r"(?:fazer|estudar|ter aula|aulas?|assistir|acompanhar)(?: \w+)? de casa",
        r"(?:kumon )?connect",
        r"(?:no|com|tem|precisa\w*|usa\w*|em|de|ter)(?: \w+)? (?:tablet|aplicativo|app|ipad)",
        r"(?:papel ou|ou no) (?:papel|tablet)",
        unless=r"assistente virtual|atendente virtual|licao de casa|dever de casa|tarefa de casa|pagar|pagamento"
        r"|boleto",
    ),
    rule(
        "ask_difference",
        r"(?:qual |tem |existe )?(?:a |alguma |muita )?diferencas?(?! de (?:idade|preco|valor))",
        r"(?:e |no que )?diferente d[aeo]s?",
        r"diferencia(?:l|is)",
        r"(?:e|seria|como|tipo|igual)(?: \w+){0,4} (?:reforco(?: escolar)?|aula particular"
        r"|professor[a]? particular|cursinho|explicadora?|banca)",
        r"(?:reforco|aula particular|professor particular)\?",
        r"por que (?:o |fazer )?kumon",
        r"ajuda\w*(?: \w+){0,3} (?:tarefas?|licao|licoes|deveres?|dever|tema|provas?"
        r"|trabalhos?) d[ae] (?:escola|colegio|casa)",
        r"melhor (?:que|do que) (?:aula|professor|reforco|outr)\w*",
        unless=r"nao (?:faz|tem|fez) diferenca|tanto faz|gradativ|precis\w+ de (?:um )?reforco|pouca diferenca",
    ),
    rule(
        "ask_visit_info",
        r"como (?:e|funciona|vai ser|sera|seria) (?:a |essa |nossa |minha |uma )?visita",
        r"quem precisa ir(?: n[ao] visita)?|o que (?:a gente|eu|nos) faz(?:emos)? na visita",
        r"(?:o )?que (?:acontece|faz|fazem|vai ter|vamos fazer|e feito|tem)(?: \w+){0,2} visita",
        r"(?:visita|agendamento)(?: \w+){0,3} (?:pag[oa]|gratis|gratuit[oa]|de graca|demora|dura|custa"
        r"|cobrad\w+|e obrigatori\w+|que horas|que dia)",
        r"(?:quanto tempo|quanto|duracao|pag\w+|cobra\w*|custa|que dia|que horas|qual (?:o )?(?:dia|horario"
        r"|hora)|quando)(?: \w+){0,5} visita",
        r"(?:preciso|precisa|devo|tenho que|tem que|posso|e para|pode)(?: \w+)? (?:levar|ir com"
        r"|trazer)(?: \w+){0,3}(?:.{0,20}visita)?\?",
        r"o que (?:eu )?(?:preciso|precisa|devo|tenho que|tem que|e para) levar",
        r"(?:ele|ela|filh\w+|crianca|pai|mae)(?: \w+)? (?:precisa|tem que|deve|pode) (?:ir|estar|vir"
        r"|comparecer)(?: \w+)? (?:junto|presente|comigo|tambem|na visita)",
        r"levo (?:o que|a crianca|ele|ela|alguma coisa|meu|minha)",
        r"(?:que|qual) (?:horas?|dia|horario)(?: e| era| ficou| foi| que ficou)*(?: (?:mesmo|a minha|minha"
        r"|marcad\w+|agendad\w+|que eu marquei|meu|o meu|nossa|para mim|combinad\w+))+",
        r"(?:quando|que dia) (?:e|era|ficou)(?: a)?(?: minha| nossa)? (?:mesmo|visita)",
        r"(?:minha|a|nossa) visita(?: (?:(?:de|para|da) )?\w+)? (?:esta|ta|ficou|e|foi|continua)"
        r" (?:confirmad\w+|marcad\w+|agendad\w+|quando|que|para quando|de pe)",
        r"compromisso de matricul\w+|obrigad[oa] a (?:matricul\w+|fechar|fazer a matricula)",
        r"(?:qual|quando) (?:e )?(?:o )?meu (?:horario|agendamento)",
        unless=r"agendar|marcar uma|tem visita|aula (?:dele|dela|do meu|da minha)",
    ),
)
INFORMATION = rule(
    "ask_method",
    r"(?:mais |algumas |umas |maiores |outras )?informac(?:ao|oes)",
    r"saber (?:mais|melhor|um pouco|como)(?: (?:sobre|do|de|funciona).*)?",
    r"(?:tirar |umas |algumas |tenho )?duvidas",
    r"(?:tenho|temos) (?:muito )?interesse(?: (?:no|em|pelo) (?:kumon|curso|metodo|fazer|conhecer).*)?",
    r"(?:interessad[oa])(?: n[oa] (?:kumon|curso))?",
    r"(?:como (?:faz|faco) para (?:participar|entrar|comecar))",
    confidence=0.8,
    unless=r"nao (?:tenho|temos|tem|estou)|dados|data|(?:obrigad[oa]|agradec\w+|valeu|grat[oa])(?: \w+)? pel[ao]s?",
)
"""Somebody wants to know "more" without saying what: only when nothing particular is asked."""
