"""What it costs: any students, any subjects. Money in BRL."""

from collections.abc import Sequence

from contracts.rules import PriceQuote, QuoteFor, QuoteLine

from rules_service.facts import Prices


def quote(prices: Prices, students: Sequence[QuoteFor]) -> PriceQuote:
    """Price every student: the monthly fee per subject, the enrolment fee once, the first month as their sum.

    A student of whom only the number of subjects is known is priced with so many, with one when not even that is, and
    the line's `subjects` stay empty; without students the quote is for one such student.
    """
    lines = tuple(_line(prices, student) for student in students or (QuoteFor(),))
    return PriceQuote(
        monthly_per_subject=prices.monthly_per_subject,
        enrolment_per_student=prices.enrolment_per_student,
        lines=lines,
        monthly_total=sum((line.monthly for line in lines), start=prices.monthly_per_subject * 0),
        enrolment_total=sum((line.enrolment for line in lines), start=prices.enrolment_per_student * 0),
        first_month_total=sum((line.first_month for line in lines), start=prices.monthly_per_subject * 0),
    )


def _line(prices: Prices, student: QuoteFor) -> QuoteLine:
    subjects = tuple(dict.fromkeys(student.subjects))
    count = student.subject_count or len(subjects) or 1
    monthly = prices.monthly_per_subject * count
    return QuoteLine(
        student=student.name,
        subjects=subjects,
        subject_count=count,
        monthly=monthly,
        enrolment=prices.enrolment_per_student,
        first_month=monthly + prices.enrolment_per_student,
    )
