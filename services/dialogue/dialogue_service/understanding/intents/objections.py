"""What keeps a parent back: the price, the way, the time, the child."""

from dialogue_service.understanding.intents.rule import rule

OBJECTIONS = (
    rule(
        "object_price",
        r"(?:muito|meio|bem|mto|tao|bastante|super|um pouco|demais|achei|esta|ficou|puxado e|ta|que|um tanto"
        r"|bastante|nossa|nossa que|ficaria|fica|mais)(?: muito| meio| bem| um pouco| tao)* (?:car[oa]s?"
        r"|salgad[oa]s?|puxad[oa]s?|carinho|carissim[oa])(?: (?:demais|para mim|para nos|ne|hein|mesmo|ainda"
        r"|pra caramba|para caramba))*(?!\w*.{0,30}\?)",
        r"(?:e|sao|achei|ficou) (?:bem |muito |meio )*(?:car[oa]s?|salgad[oa]s?)(?: (?:demais|para mim|ne|hein"
        r"|viu|mesmo|para (?:o )?meu bolso))?(?=\W*$|,| (?:demais|para mim|ne|hein|viu|mesmo"
        r"|para))(?!\?)(?! ne\?x)",
        r"^\W*(?:nossa|credo|uau|puxa|poxa|eita|vixe|meu deus|caramba)?\W*(?:que |muito )?car[oa]\W*$",
        r"(?:fora|acima|alem) d[oae](?:s)?(?: \w+){0,2} (?:orcamento|condic\w+|posses|realidade|possibilidades"
        r"|bolso|que (?:eu )?(?:posso|esperava|pensei|imaginava))",
        r"(?:e|esta|achei|vi|sai|cobra\w*)(?: \w+){0,2} mais barat[oa](?!\?)",
        r"(?:nao|sem)(?: (?:tenho|temos|cabe|cabem|tem))?(?: \w+){0,3} (?:condic(?:ao|oes)(?: (?:de"
        r"|para) pagar| financeiras?)?|dinheiro|grana|esse valor|orcamento|bolso|verba|como pagar)",
        r"nao (?:consigo|posso|da para|daria para|vou conseguir|vai dar para|tenho como|conseguimos"
        r"|podemos)(?: \w+)? (?:pagar|bancar|arcar|assumir)(?: \w+){0,3}",
        r"(?:preco|valor|valores|precos|mensalidade)(?: \w+){0,3} (?:alt[oa]s?|absurd[oa]s?|elevad[oa]s?"
        r"|pesad[oa]s?|pesa|assust\w+|salgad[oa]s?|car[oa]s?|inviavel|puxad[oa]s?)(?!\?)",
        r"(?:pesad[oa]|puxad[oa]|salgad[oa]|car[oa]|alt[oa]|assustador)(?: \w+){0,2} (?:ess[ea]|est[ea]|o|a) (?:valor"
        r"|preco|mensalidade)(?!\?)",
        r"pes(?:a|ou|aria|ado) no (?:meu )?(?:bolso|orcamento)|(?:orcamento|grana|dinheiro|situacao|financeiro"
        r"|mes)(?: \w+){0,2} (?:apertad[oa]|curt[oa]|dificil|complicad[oa])|apertad[oa] de (?:grana|dinheiro)"
        r"|inviavel (?:para|financ)",
        r"(?:mais barat[oa]|metade do preco|mais em conta) (?:em|n[oa]|que|do que|por ai|outr|a concorrencia"
        r"|com)(?: \w+)*",
        r"(?:quero|queria|procuro|preciso de|busco)(?: \w+){0,2} mais (?:barat[oa]|em conta)(?!\?)",
        r"(?:tudo isso|so isso|isso tudo)(?: por (?:mes|uma materia|materia))?\?!?|que absurdo de (?:caro"
        r"|preco)|absurdo (?:de caro|esse (?:preco|valor))|(?:esta|fica|e) (?:pesado|puxado)(?: para)?",
        unless=r"nao (?:e|achei|esta) (?:tao |muito )?car[oa]|nao tenho (?:dinheiro )?trocado|rotina|horario"
        r"|desconto (?:no|do) salario|na escola",
    ),
    rule(
        "object_distance",
        r"(?:muito |meio |bem |fica |e |tao |um pouco |mto |moro |moramos |estou |acho )(?:muito |meio |bem "
        r"|tao |um pouco )*(?:longe|distante|fora de mao|contra ?-?mao|afastad[oa]|longinh\w*)(?! da (?:idade"
        r"|media))",
        r"longe (?:demais|para mim|de casa|da minha casa|daqui|de mim|do meu trabalho|pra mim)",
        r"contra ?-?mao|fora de mao|fora (?:da minha|de) rota|outro lado da cidade|nao (?:tenho|temos"
        r"|tem)(?: \w+)? (?:carro|conducao|como (?:chegar|me locomover)|quem (?:leve|leva|levar)|transporte)",
        r"moro (?:em|n[oa]) outr[oa] (?:cidade|bairro|municipio|estado|lado)|(?:e |fica )?ruim (?:de"
        r"|para) (?:chegar|ir ate)|nao (?:e|fica) perto(?: d\w+ \w+)?|a distancia (?:e|atrapalha|complica|pesa"
        r"|dificulta|me)",
        unless=r"longe\?|longe d\w+( \w+)?\?|nao (?:e|fica|moro) (?:muito |tao )?longe|ir longe|chegar longe"
        r"|aulas? a distancia|curso",
    ),
    rule(
        "object_time",
        r"(?:nao|n|sem|pouco|falta de|quase sem)(?: (?:tenho|tem|temos|sobra|ha|teria|muito|me sobra|vou ter"
        r"|vai ter|esta|nos|ele|ela))* tempo(?! (?:ruim|a perder|minimo))",
        r"(?:rotina|agenda|semana|vida|dia|dias|correria)(?: \w+){0,4} (?:corrid[oa]s?|chei[oa]s?|lotad[oa]s?"
        r"|apertad[oa]s?|puxad[oa]s?|atribulad[oa]s?|sobrecarregad[oa]s?|tomad[oa]s?|complicad[oa]s?)",
        r"(?:muita|na|uma|nessa|nesta|e) correria",
        r"trabalh(?:o|amos) (?:o dia (?:todo|inteiro)|em (?:periodo )?integral|ate tarde|muito"
        r"|de segunda a sabado|fora o dia|em horario comercial|nesse horario|nesses horarios)",
        r"(?:nao|n) (?:da|vai dar|daria|dava) tempo",
        r"(?:ele|ela|filh[oa]|crianca)(?: \w+)? (?:estuda|fica|esta)(?: \w+){0,3} (?:integral|o dia (?:todo"
        r"|inteiro))|(?:periodo|escola|colegio|turno) integral",
        r"horarios? (?:nao (?:bate\w*|encaixa\w*|da|dao|combina\w*|casa\w*|funciona\w*|serve\w*)|(?:e|sao|fica"
        r"|ficam|esta|complicad\w+)(?: \w+)? (?:ruim|ruins|complicad\w+|dificil|dificeis|incompativ\w+))",
        r"(?:ja )?(?:faz|tem) (?:muitas?|tantas?|varias?) (?:coisas?|atividades?)|(?:ele|ela) (?:esta|anda"
        r"|e) (?:muito |super |bem )?(?:sobrecarregad|cansad|ocupad)\w+|(?:nao|n) (?:consigo|tenho como"
        r"|tem como|posso)(?: \w+)? (?:levar|buscar)(?: \w+){0,3}(?! carro)",
        unless=r"quanto tempo|em pouco tempo|pouco tempo (?:de aula|por dia)|ha (?:muito|pouco) tempo|faz (?:muito"
        r"|pouco) tempo|tempo (?:todo|inteiro)",
    ),
    rule(
        "object_child",
        r"(?:ele|ela|filh[oa]s?|crianca|menin[oa]|net[oa]|eles|[a-z]+)(?: (?:mesmo|so|ainda|ja|acho que"
        r"|ate))* (?:nao|n|nunca) (?:quer|querem|vai querer|quis|aceita|topa|tem (?:vontade|interesse"
        r"|paciencia|foco|animo)|se interessa|curte|para quiet[oa]|para sentad[oa]|vai (?:gostar|aceitar"
        r"|topar)|gosta de (?:estudar|ir|fazer|aula|curso|escola|nada))(?: \w+){0,3}(?! visita)",
        r"(?:odeia|detesta|tem (?:preguica|aversao|pavor|horror|trauma)|foge|resiste|faz birra|reluta"
        r"|se recusa|recusa|tem resistencia|chora)(?: (?:de|para|a|em|so de|com|quando))*(?: \w+)? (?:estudar"
        r"|estudo|estudos|licao|tarefa|ir|fazer|escola|kumon|aula|aulas)",
        r"preguicos[oa]|muita preguica|tem preguica|desmotivad[oa]|desinteressad[oa]|(?:e |muito )teimos[oa]"
        r"|resistente|(?:acha|vai achar|achou|achar)(?: \w+){0,3} chat[oa]|(?:vai|ia) (?:reclamar|enjoar"
        r"|desistir|cansar|detestar|odiar)(?: (?:logo|de ir|rapido))?",
        unless=r"nao (?:e|esta) (?:preguic|desmotiv|teimos)|mensage|voce nao|eu nao|nao quero|unidade|material",
    ),
)
