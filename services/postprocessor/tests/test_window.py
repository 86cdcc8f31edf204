"""More than 24 hours after the parent's last message: the approved template, else the unit is told."""

from datetime import timedelta
from typing import Any

import pytest
from contracts.dialogue import ApprovedTemplate
from contracts.postprocessor import DeliveryFailed, ReplyDelivered

pytestmark = pytest.mark.stores

TEMPLATE = ApprovedTemplate(name="lembrete", parameters=("terça-feira, às 14h30", "Rua Amoreira, 571"))
TEXT = "Lembrete da sua visita: *terça-feira, às 14h30*."
READ = "Lembrete: sua visita é terça-feira, às 14h30. Endereço: Rua Amoreira, 571. Até lá!"


@pytest.fixture
async def cloud(desk: Any) -> Any:
    """postprocessor before an instance on Meta's Cloud API, for which one template is approved."""
    http = desk.outside.http
    about = {"instanceName": "cloud", "integration": "WHATSAPP-BUSINESS", "webhook": {"events": []}}
    (await http.post("/instance/create", json=about)).raise_for_status()
    (await http.post("/sandbox/connection", json={"instance": "cloud", "state": "open"})).raise_for_status()
    body = {"name": "lembrete", "body": "Lembrete: sua visita é {{1}}. Endereço: {{2}}. Até lá!"}
    (await http.post("/sandbox/templates", json=body)).raise_for_status()
    return desk


async def writes(desk: Any, helpers: Any) -> None:
    """The parent writes to the unit's Cloud number, now."""
    written = {"phone": helpers.ANA, "text": "Oi", "instance": "cloud"}
    (await desk.outside.http.post("/sandbox/messages", json=written)).raise_for_status()


async def remind(desk: Any, *, hours: float | None, template: ApprovedTemplate | None = TEMPLATE, **about: Any) -> None:
    """Send a reminder so many hours after the parent's last message; `None`: nobody knows of one."""
    last = None if hours is None else desk.clock() - timedelta(hours=hours)
    about = {"instance": "cloud", "purpose": "reminder", **about}
    await desk.say(TEXT, approved_template=template, last_inbound_at=last, **about)


async def test_within_the_window_the_text_is_sent(cloud: Any, helpers: Any) -> None:
    await writes(cloud, helpers)
    await remind(cloud, hours=23)
    assert await cloud.outside.phone() == [TEXT]


@pytest.mark.parametrize("hours", [24, 40, None])
async def test_outside_the_window_the_template_is_sent_once(cloud: Any, hours: float | None) -> None:
    await remind(cloud, hours=hours)
    assert await cloud.outside.phone() == [READ]
    (said,) = cloud.probe.of(ReplyDelivered)
    assert (len(said.bubbles), said.attempts) == (1, 1)


async def test_a_text_that_the_channel_refuses_for_the_window_is_sent_as_the_template(cloud: Any) -> None:
    await remind(cloud, hours=1)  # we think that it is open; Meta knows better
    assert await cloud.outside.phone() == [READ]
    assert [one.attempts for one in cloud.probe.of(ReplyDelivered)] == [2]


@pytest.mark.parametrize("hours", [1, 40])
async def test_without_a_template_nothing_is_sent_and_it_is_said(cloud: Any, hours: float) -> None:
    await remind(cloud, hours=hours, template=None)
    await cloud.wait(10)
    (failed,) = cloud.probe.of(DeliveryFailed)
    assert (failed.reason, failed.sent) == ("outside_window", ())
    assert await cloud.outside.phone() == []


async def test_what_staff_write_outside_the_window_fails_with_the_reason(cloud: Any) -> None:
    reply = cloud.staff_reply("Bom dia!")
    told = reply.model_copy(update={"data": reply.data.model_copy(update={"instance": "cloud"})})
    await cloud.probe.deliver(told)
    await cloud.run()
    assert [one.reason for one in cloud.probe.of(DeliveryFailed)] == ["outside_window"]


async def test_a_template_that_meta_does_not_know_is_a_refusal(cloud: Any) -> None:
    await remind(cloud, hours=40, template=TEMPLATE.model_copy(update={"name": "outro"}))
    assert [one.reason for one in cloud.probe.of(DeliveryFailed)] == ["rejected"]
    assert await cloud.outside.phone() == []


@pytest.mark.parametrize("hours", [1, 40, None])
async def test_on_whatsapp_web_nothing_changes(cloud: Any, hours: float | None) -> None:
    await remind(cloud, hours=hours, instance="kumon")
    assert await cloud.outside.phone() == [TEXT]


async def test_a_template_of_which_nobody_knows_is_found_by_the_name_that_evolution_keeps(cloud: Any) -> None:
    await cloud.outside.breaks("timeout_after_send", delay_s=5)
    await remind(cloud, hours=40)
    await cloud.wait(60)
    assert await cloud.outside.phone() == [READ]
    assert len(cloud.probe.of(ReplyDelivered)) == 1


async def test_only_the_first_bubble_of_a_reply_has_the_template(cloud: Any) -> None:
    long_ago = cloud.clock() - timedelta(hours=40)
    await cloud.say("um", "dois", approved_template=TEMPLATE, last_inbound_at=long_ago, instance="cloud")
    (failed,) = cloud.probe.of(DeliveryFailed)
    assert (failed.reason, [one.index for one in failed.sent]) == ("outside_window", [0])
    assert await cloud.outside.phone() == [READ]
