"""The model providers, through the official clients."""

import base64
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx2
import openai
import pytest
from sandbox.scripts import Script

ASK: Any = [{"role": "user", "content": "Responda em JSON"}]
SCHEMA: Any = {
    "type": "json_schema",
    "json_schema": {"name": "answer", "strict": True, "schema": {"type": "object", "properties": {}}},
}


@pytest.fixture
async def gpt(box: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    async with openai.AsyncOpenAI(base_url=f"{box.url}/openai/v1", api_key="k", max_retries=0) as one:
        yield one


@pytest.fixture
async def claude(box: Any) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(base_url=f"{box.url}/anthropic", api_key="k", max_retries=0) as one:
        yield one


async def script(box: Any, provider: str, *replies: Any, **about: Any) -> None:
    body = {"provider": provider, "replies": replies, **about}
    assert (await box.http.post("/sandbox/models", json=body)).status_code == 200


async def ask_gpt(gpt: openai.AsyncOpenAI, **about: Any) -> Any:
    return await gpt.chat.completions.create(model="gpt-4o-mini", messages=ASK, **about)


async def ask_claude(claude: anthropic.AsyncAnthropic, **about: Any) -> Any:
    return await claude.messages.create(model="claude-haiku-4-5", max_tokens=100, messages=ASK, **about)


async def test_openai_gives_the_replies_in_turn_and_the_last_one_again(box: Any, gpt: openai.AsyncOpenAI) -> None:
    await script(box, "openai", {"a": 1}, "dois")
    answers = [await ask_gpt(gpt, response_format=SCHEMA) for _ in range(3)]
    texts = [one.choices[0].message.content for one in answers]
    assert json.loads(texts[0]) == {"a": 1}
    assert texts[1:] == ["dois", "dois"]
    assert answers[0].usage.prompt_tokens > 0
    assert answers[0].usage.total_tokens == answers[0].usage.prompt_tokens + answers[0].usage.completion_tokens
    assert (answers[0].model, answers[0].choices[0].finish_reason) == ("gpt-4o-mini", "stop")


async def test_anthropic_gives_text_or_the_forced_tools_input(box: Any, claude: anthropic.AsyncAnthropic) -> None:
    await script(box, "anthropic", "Olá", {"a": 1})
    said = await ask_claude(claude, system="Curto.")
    assert (said.content[0].text, said.stop_reason) == ("Olá", "end_turn")
    assert said.usage.input_tokens > 0
    tools: Any = [{"name": "answer", "input_schema": {"type": "object"}}]
    used = await ask_claude(claude, tools=tools, tool_choice={"type": "tool", "name": "answer"})
    assert (used.content[0].name, used.content[0].input, used.stop_reason) == ("answer", {"a": 1}, "tool_use")


@pytest.mark.parametrize(
    "fault,expected",
    [
        ("http_401", openai.AuthenticationError),
        ("http_429", openai.RateLimitError),
        ("http_500", openai.InternalServerError),
    ],
)
async def test_openai_errors_are_understood_by_its_client(
    box: Any, gpt: openai.AsyncOpenAI, fault: str, expected: type[openai.APIStatusError]
) -> None:
    await script(box, "openai", "ok", fault=fault, times=1)
    with pytest.raises(expected) as caught:
        await ask_gpt(gpt)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]
    assert (await ask_gpt(gpt)).choices[0].message.content == "ok"


@pytest.mark.parametrize(
    "fault,expected,kind",
    [
        ("http_401", anthropic.AuthenticationError, "authentication_error"),
        ("http_429", anthropic.RateLimitError, "rate_limit_error"),
        ("http_500", anthropic.InternalServerError, "api_error"),
        ("http_529", anthropic.InternalServerError, "overloaded_error"),
    ],
)
async def test_anthropic_errors_are_understood_by_its_client(
    box: Any, claude: anthropic.AsyncAnthropic, fault: str, expected: type[anthropic.APIStatusError], kind: str
) -> None:
    await script(box, "anthropic", "ok", fault=fault, times=1)
    with pytest.raises(expected) as caught:
        await ask_claude(claude)
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["error"]["type"] == kind
    assert (await ask_claude(claude)).content[0].text == "ok"


async def test_a_hanging_provider_runs_into_the_clients_timeout(
    box: Any, gpt: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic
) -> None:
    await script(box, "openai", "ok", fault="hang")
    await script(box, "anthropic", "ok", fault="hang")
    with pytest.raises(openai.APITimeoutError):
        await ask_gpt(gpt, timeout=0.3)
    with pytest.raises(anthropic.APITimeoutError):
        await ask_claude(claude, timeout=0.3)


async def test_bad_json_is_a_reply_cut_in_half(
    box: Any, gpt: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic
) -> None:
    for provider in ("openai", "anthropic"):
        await script(box, provider, {"intents": ["book"]}, fault="bad_json")
    choice = (await ask_gpt(gpt)).choices[0]
    assert choice.finish_reason == "length"
    with pytest.raises(json.JSONDecodeError):
        json.loads(choice.message.content)
    assert (await ask_claude(claude)).stop_reason == "max_tokens"


async def test_without_a_script_a_provider_is_down(gpt: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.InternalServerError):
        await ask_gpt(gpt)


async def test_an_incomplete_request_is_a_400(box: Any) -> None:
    gpt = await box.http.post("/openai/v1/chat/completions", json={"model": "m"})
    claude = await box.http.post("/anthropic/v1/messages", json={"model": "m", "messages": []})
    assert gpt.json()["error"]["type"] == "invalid_request_error"
    assert claude.json()["error"] == {"type": "invalid_request_error", "message": "max_tokens: Field required"}


async def test_calls_are_logged_with_their_outcome(box: Any, gpt: openai.AsyncOpenAI) -> None:
    await script(box, "openai", "ok", fault="http_429", times=1)
    with pytest.raises(openai.RateLimitError):
        await ask_gpt(gpt)
    await ask_gpt(gpt)
    calls = (await box.http.get("/sandbox/models/calls")).json()["items"]
    assert [(one["provider"], one["status"]) for one in calls] == [("openai", 429), ("openai", 200)]
    assert calls[0]["request"]["messages"] == ASK


async def voice_note(box: Any, transcription: str | None) -> bytes:
    message_id = await box.write(kind="audio", transcription=transcription)
    body = {"message": {"key": {"id": message_id}}}
    answer = await box.http.post("/chat/getBase64FromMediaMessage/kumon", json=body)
    return base64.b64decode(answer.json()["base64"])


async def test_the_transcriber_hears_what_the_voice_note_says(box: Any, gpt: openai.AsyncOpenAI) -> None:
    file = await voice_note(box, "Meu filho tem sete anos")
    heard = await gpt.audio.transcriptions.create(model="whisper-1", file=("audio.ogg", file))
    assert heard.text == "Meu filho tem sete anos"


@pytest.mark.parametrize("known", [True, False])
async def test_the_transcriber_fails_on_what_nobody_understands(box: Any, gpt: openai.AsyncOpenAI, known: bool) -> None:
    file = await voice_note(box, None) if known else b"not audio"
    with pytest.raises(openai.BadRequestError):
        await gpt.audio.transcriptions.create(model="whisper-1", file=("audio.ogg", file))


async def test_the_transcriber_can_be_down(box: Any, gpt: openai.AsyncOpenAI) -> None:
    file = await voice_note(box, "Oi")
    await script(box, "transcription", fault="http_500", times=1)
    with pytest.raises(openai.InternalServerError):
        await gpt.audio.transcriptions.create(model="whisper-1", file=("audio.ogg", file))
    assert (await gpt.audio.transcriptions.create(model="whisper-1", file=("a.ogg", file))).text == "Oi"


async def streamed_gpt(gpt: openai.AsyncOpenAI, **about: Any) -> tuple[str, Any]:
    pieces, last = [], None
    stream = await ask_gpt(gpt, stream=True, stream_options={"include_usage": True}, **about)
    async for last in stream:
        pieces += [choice.delta.content or "" for choice in last.choices]
    return "".join(pieces), last


async def streamed_claude(claude: anthropic.AsyncAnthropic, **about: Any) -> Any:
    async with claude.messages.stream(model="claude-haiku-4-5", max_tokens=100, messages=ASK, **about) as stream:
        return await stream.get_final_message()


async def test_both_stream_what_they_say_as_their_clients_expect(
    box: Any, gpt: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic
) -> None:
    await script(box, "openai", "Olá, tudo bem?", word_s=0.01)
    await script(box, "anthropic", "Olá, tudo bem?", {"a": 1}, {"a": 2}, word_s=0.01)
    text, last = await streamed_gpt(gpt)
    assert (text, last.usage.completion_tokens) == ("Olá, tudo bem?", 3)
    said = await streamed_claude(claude)
    assert (said.content[0].text, said.stop_reason, said.usage.output_tokens) == ("Olá, tudo bem?", "end_turn", 3)
    tools: Any = [{"name": "answer", "input_schema": {"type": "object"}}]
    used = await streamed_claude(claude, tools=tools, tool_choice={"type": "tool", "name": "answer"})
    assert (used.content[0].input, used.stop_reason) == ({"a": 1}, "tool_use")
    shaped = await streamed_claude(claude, output_config={"format": {"type": "json_schema", "schema": {}}})
    assert json.loads(shaped.content[0].text) == {"a": 2}


async def test_a_cut_stream_breaks_in_the_middle(
    box: Any, gpt: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic
) -> None:
    for provider in ("openai", "anthropic"):
        await script(box, provider, "Olá, tudo bem?", fault="cut")
    with pytest.raises(openai.APIConnectionError):
        await streamed_gpt(gpt)
    with pytest.raises(httpx2.RemoteProtocolError):
        await streamed_claude(claude)


@pytest.mark.parametrize(
    "fault, text, end",
    [
        ("malformed", '{"age"', "stop"),
        ("wrong_shape", '{"nobody_asked_for": ["this"]}', "stop"),
        ("filtered", '{"age": 8888}', "content_filter"),
        ("empty", "", "stop"),
        ("leak", "Responda em JSON", "stop"),
    ],
)
async def test_a_model_has_bad_days(box: Any, gpt: openai.AsyncOpenAI, fault: str, text: str, end: str) -> None:
    await script(box, "openai", {"age": 8888}, fault=fault)
    (choice,) = (await ask_gpt(gpt)).choices
    assert (choice.message.content, choice.finish_reason) == (text, end)


@pytest.mark.parametrize("fault, word", [("foreign", "Hello"), ("invented", "R$ 123,45")])
async def test_a_model_says_what_it_should_not(
    box: Any, claude: anthropic.AsyncAnthropic, fault: str, word: str
) -> None:
    await script(box, "anthropic", "Olá", fault=fault)
    assert word in (await ask_claude(claude)).content[0].text


async def test_a_plan_has_the_faults_of_the_next_calls(box: Any, gpt: openai.AsyncOpenAI) -> None:
    await script(box, "openai", "eco: {{user}}", plan=["http_429", None, "http_503"], retry_after_s=7)
    with pytest.raises(openai.RateLimitError) as limited:
        await ask_gpt(gpt)
    assert limited.value.response.headers["retry-after"] == "7"
    assert (await ask_gpt(gpt)).choices[0].message.content == "eco: Responda em JSON"
    with pytest.raises(openai.InternalServerError):
        await ask_gpt(gpt)
    assert (await ask_gpt(gpt)).choices[0].message.content == "eco: Responda em JSON"


async def test_every_call_is_on_the_bill(box: Any, gpt: openai.AsyncOpenAI, claude: anthropic.AsyncAnthropic) -> None:
    await script(box, "openai", "a" * 400)
    await script(box, "anthropic", "a" * 400, fault="http_500", times=1)
    await ask_gpt(gpt)
    with pytest.raises(anthropic.InternalServerError):
        await ask_claude(claude)
    await ask_claude(claude)
    bill = (await box.http.get("/sandbox/models/bill")).json()
    read = len(json.dumps(ASK)) // 4
    assert bill["models"]["gpt-4o-mini"]["usd"] == pytest.approx((read * 0.15 + 100 * 0.60) / 1e6)
    assert bill["models"]["claude-haiku-4-5"] == {
        "calls": 1,
        "input_tokens": read,
        "output_tokens": 100,
        "usd": pytest.approx((read * 1.00 + 100 * 5.00) / 1e6),
    }
    assert bill["usd"] == pytest.approx(sum(about["usd"] for about in bill["models"].values()))


def test_delays_are_drawn_around_the_median_and_few_are_long() -> None:
    luck = random.Random(1)
    about = Script(provider="openai", delay_s=0.5, p95_s=2.0)
    drawn = sorted(about.draw_delay_s(luck) for _ in range(1000))
    assert drawn[500] == pytest.approx(0.5, rel=0.1)
    assert drawn[950] == pytest.approx(2.0, rel=0.2)
    assert Script(provider="openai", delay_s=0.5).draw_delay_s(luck) == 0.5
