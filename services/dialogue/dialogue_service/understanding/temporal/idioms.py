"""Words that look like a time of the visit and are none: greetings, streets, prices, idioms, promises to write."""

import re

_MONTHS = r"(?:janeiro|fevereiro|marco|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)"
_DAY = r"(?:amanha|hoje|depois de amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo|(?:a )?semana que vem|mais tarde|a noite|de noite|a tarde|de tarde|de manha|depois|logo mais|ate \w+)(?:[- ]feira)?"
_ANSWERS = (
    r"(?:(?:te|lhe|os|vos) (?:respond|avis|fal|confirm|retorn|cham|lig|mand|dig|pass|envi)\w*|(?:eu|ja|a gente|ai) (?:te |lhe |ja |eu )*(?:respondo|aviso|falo|confirmo|retorno|chamo|ligo|mando|digo|vejo|volto|decido|pergunto|envio)"
    r"|vou (?:ver|pensar|falar|conversar|perguntar|decidir|avisar|te \w+|retornar|responder)|retorno|respondo|aviso|volto|conversamos|nos falamos|me (?:liga|chama|responde|avisa)\w*|dou (?:uma )?(?:resposta|retorno))"
)

NO_TIME = re.compile(
    r"\b(?:muito |otimo |otima |um |uma )?(?:bom|boa|bons) (?:dia|tarde|noite|madrugada|semana|fim de semana|final de semana|domingo|sabado|feriado)s?\b"
    r"|\b(?:tenha|tenham|otim[oa]|excelente|linda|abencoad[oa]|feliz|desejo)(?: \w+){0,2} (?:dia|tarde|noite|semana|fim de semana|final de semana|domingo|sabado|natal|ano novo)\b"
    rf"|(?:(?<=^)|(?<=[,.!\n] )|(?<=[,.!\n])|(?<=obrigado )|(?<=obrigada )|(?<=entao )|(?<=combinado )|(?<=valeu )|(?<=tchau )|(?<=beijo )|(?<=abraco ))ate (?:(?:amanha|hoje|a semana que vem|semana que vem|mais tarde|breve)(?=\W*(?:$|[,.!\n]))|(?:segunda|terca|quarta|quinta|sexta|sabado|domingo)(?:[- ]feira)?(?= ?[!\U0001f44b\U0001f618\U0001f60a]))"
    rf"|\b(?:obrigad[oa]|valeu|tchau|combinado|entao|beijos?|abracos?),? ate (?:amanha|segunda|terca|quarta|quinta|sexta|sabado|domingo)(?:[- ]feira)?(?=\W*(?:$|[,.!\n]))"
    rf"|\b{_DAY},? {_ANSWERS}\b|\b{_ANSWERS}(?: \w+){{0,3}},? {_DAY}(?! (?:as|de|a) )"
    r"|\b(?:rua|r\.|avenida|av\.?|travessa|estrada|rodovia|praca|largo|alameda|bairro|vila|viela|beco|condominio|residencial|edificio|colegio|escola|escolinha|emef|emei|igreja) (?:d[aeo]s? )?(?:(?:\d{1,2}|primeiro|sete|quinze|vinte|vinte e quatro|doze|nove|treze|dois|dezenove) de [a-z]+|[a-z]+(?: (?:d[aeo]s? )?[a-z]+)?)(?:,? ?(?:n(?:umero|o)?\.? ?)?\d+)?"
    rf"|\b(?:24 de outubro|sete de setembro|7 de setembro|quinze de novembro|15 de novembro|treze de maio|13 de maio|nove de julho|vinte e cinco de marco|25 de marco)(?=,? ?\d{{2,}}|,? n)"
    r"|\b(?:apto?|apartamento|bloco|casa|sala|salas|lote|quadra|km|cep|numero da casa)\.? ?\d+(?: e \d+)?"
    r"|r\$ ?\d[\d.,]*|\b\d[\d.,]* ?(?:reais|real|conto|contos|pila|pilas|mil)\b|\b\d+(?:[.,]\d+)? ?(?:%|por cento|x\b|vezes|km|kg|metros|quadras)"
    r"|\b(?:hoje em dia|dia a dia|(?:um |algum |outro )dia dess[ea]s|qualquer dia dess[ea]s|de um dia para o outro|da noite para o dia|nos? dias? de hoje|todo santo dia|dia sim,? dia nao|mais cedo ou mais tarde|antes tarde do que nunca|de segunda mao|de quinta categoria|de primeira|meia boca|tarde demais|(?:ja )?(?:e|esta|ficou|foi) (?:muito |meio |bem )?tarde(?! (?:da|de))|vinte e quatro horas|24 ?h(?:oras)?(?: por dia)?|24/7|de hora em hora|fora de hora|na hora d[eoa](?! almoco)|em cima da hora|em boa hora|hora extra|hora da verdade|toda hora|a toda hora|uma hora dessas|fim do mundo|fim das contas|final das contas|primeira vez|segunda vez|terceira vez|segunda opcao|primeira opcao|terceira opcao|segunda via|2a via|segunda (?:feira )?via|segunda chance|segunda lingua|segunda serie|quinta serie|dia d[oa]s? (?:maes?|pais?|criancas?|professor\w*|avos?)|cedo (?:ou tarde|demais)|muito cedo|tao cedo|mais cedo que|(?:e|esta) cedo|desde cedo|noite e dia|dia e noite|dia de pagamento|dia d[eo] vencimento|(?:ele|ela|filh[oa]|crianca) (?:so )?(?:dorme|acorda|estuda|fica|sai|chega|entra|volta|tem aula|janta|almoca)(?: \w+){0,2} (?:tarde|cedo|de manha|a tarde|de tarde|a noite|de noite|a manha toda|a tarde toda|o dia todo|o dia inteiro|integral)|(?:estuda|estudo|trabalho|trabalha|tem aula) (?:n[oa]|de|a|pela|no turno da|no periodo da) (?:manha|tarde|noite)|turma da (?:manha|tarde|noite)|[1-9]o? ano [a-e]\b|terceira idade|meia idade|meio termo|boa hora|boas horas)\b|\bquanto tempo[^.!?\n]*|\bate hoje\b|\b(?:pagamento|pix|boleto|mensalidade|valor) (?:deste|desse|do|de) (?:mes|\w+)\b|\b(?:tem|com|fez) \d{1,2} para \d{1,2}\b|\b(?:fizer|fazer|fazendo|faz|cursar|pegar|juntar|desconto para|desconto nas) as (?:2|duas|3|tres)\b|\b(?:pagar|pago|paga|vence|vencimento|pagamento)(?: \w+){0,3} dia \d{1,2}|\b(?:puxad\w+|apertad\w+|car[oa]|grana|dinheiro|pesad\w+|pagar|dificil|complicad\w+|boleto|mensalidade|salario)(?: \w+){0,4} (?:(?:n?esse|n?este|deste|desse) mes|mes que vem)"
    rf"|\b(?:remarc\w+|desmarc\w+|cancel\w+|mudar|trocar|alterar|adiar|adiantar|confirmar|confirmad\w+)(?: \w+){{0,2}} (?:visita|horario|agendamento|avaliac\w+) (?:de |da |do |das |que (?:\w+ ){{0,3}}|marcad\w+ (?:para )?|agendad\w+ (?:para )?)(?:a |o )?(?:amanha|hoje|segunda|terca|quarta|quinta|sexta|dia \d+)(?:[- ]feira)?(?: (?:as|a tarde|de manha|de tarde)(?: \d+\w*)?)?"
    r"|\b(?:e|tem|vai|vao|precisa|ir|aulas?|licao|estudar|estuda|tarefa|faz|fazer|casa)(?: \w+){0,2} (?:todo dia|todos os dias)\b(?= ?\?|(?: \w+)* ?\?)|\b(?:ano que vem|proximo ano),? (?:ele|ela|eles|elas|vai|vao|entra|comeca|minha|meu|muda)\b|\b(?:vai|vao|entra|entram|comeca|muda)(?: \w+){0,6} (?:ano que vem|proximo ano)\b"
    rf"|\bmensalidade(?: \w+){{0,2}} {_MONTHS}|\b(?:nasc\w+|aniversario|anivers\w+|niver)(?: \w+){{0,3}} (?:\d{{1,2}}(?:/\d{{1,2}})?(?:/\d{{2,4}})?|{_MONTHS})(?: de (?:{_MONTHS}|\d{{4}}))*"
    r"|\b(?:[1-9]|um|uma|dois|duas|tres|quatro|cinco|seis) (?:filh\w+|criancas?|menin\w+|materias?|disciplinas?|alun\w+|pessoas?|vez(?:es)?|aulas?|opc\w+|anos?)\b"
    r"|\b\d+ ?(?:[x*+/] ?\d+) ?(?:=|e igual|\?)"
)


def without_idioms(text: str) -> str:
    """The text of the same length with these words blanked."""
    return NO_TIME.sub(lambda match: "#" * len(match.group()), text)
