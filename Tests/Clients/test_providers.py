"""PyPI's `openai` client against the offline stand-ins."""

import base64
import json
import urllib.error
import urllib.request

import openai
import pytest
from running import SPEECH


@pytest.fixture(scope="module")
def client(emulator):
    return openai.OpenAI(
        api_key="offline", base_url=emulator.aws + "/_providers/openai/v1", max_retries=0)


def test_speech_is_really_recognised(client):
    with open(SPEECH, "rb") as file:
        heard = client.audio.transcriptions.create(model="whisper-1", file=file, response_format="verbose_json")
    assert "sun is shining" in heard.text and heard.language and 1 < float(heard.duration) < 10


def test_plain_text_format(client):
    with open(SPEECH, "rb") as file:
        heard = client.audio.transcriptions.create(model="whisper-1", file=file, response_format="text")
    assert "sun is shining" in str(heard)


def test_chinese_speech_is_refused_honestly(client):
    with open(SPEECH, "rb") as file, pytest.raises(openai.BadRequestError) as caught:
        client.audio.transcriptions.create(model="whisper-1", file=file, language="zh")
    assert "English" in str(caught.value)


def test_noise_that_is_no_audio_is_a_bad_request(client):
    with pytest.raises(openai.BadRequestError):
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"not audio at all"))


def test_pictures_in_both_forms(client):
    coded = client.images.generate(
        model="dall-e-3", prompt="a red house by the sea", size="1024x1024", response_format="b64_json")
    png = base64.b64decode(coded.data[0].b64_json)
    assert png.startswith(b"\x89PNG") and int.from_bytes(png[16:20], "big") == 1024
    linked = client.images.generate(model="dall-e-3", prompt="a red house by the sea", response_format="url")
    with urllib.request.urlopen(linked.data[0].url, timeout=60) as response:
        assert response.read() == png
    other = client.images.generate(model="dall-e-3", prompt="rain in the city", response_format="b64_json")
    assert base64.b64decode(other.data[0].b64_json) != png


def test_chat(client):
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=[
        {"role": "system", "content": "Improve the picture prompt."},
        {"role": "user", "content": "a cat on a roof"}])
    assert "cat" in answer.choices[0].message.content and answer.usage.total_tokens > 0


def test_bad_requests_have_openais_error_shape(client):
    with pytest.raises(openai.BadRequestError):
        client.images.generate(model="dall-e-3", prompt="x", size="17x17")
    request = urllib.request.Request(
        str(client.base_url) + "chat/completions", data=b"{}", headers={"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=60)
    assert caught.value.code == 401
    assert json.load(caught.value)["error"]["code"] == "invalid_api_key"


def weather(emulator, query):
    url = f"{emulator.aws}/_providers/openweather/data/2.5/weather?{query}"
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return response.status, json.load(response), response.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


def test_weather(emulator):
    status, report, headers = weather(emulator, "lat=31.23&lon=121.47&appid=offline&units=metric&lang=zh_cn")
    assert status == 200 and headers["x-mumble-offline"] == "true"
    assert -40 < report["main"]["temp"] < 50 and 0 <= report["main"]["humidity"] <= 100
    assert any("\u4e00" <= letter <= "\u9fff" for letter in report["weather"][0]["description"])
    assert weather(emulator, "lat=31&lon=121")[0] == 401
    assert weather(emulator, "lat=999&lon=121&appid=offline")[0] == 400
