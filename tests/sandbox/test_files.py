"""Files up and down: documents, photos, albums, and their limits."""

import base64
import json

from sandbox.attachments import sample_picture
from tests.sandbox.rig import TOKEN, Rig

PICTURE = sample_picture()


async def test_a_users_document_is_downloaded_by_the_bot(rig: Rig) -> None:
    person = await rig.person()
    content = base64.b64encode("chào".encode()).decode()
    document = {"name": "biên bản.docx", "content_base64": content}
    await rig.post("/sim/message", **{"from": person, "document": document, "caption": "Gửi"})
    [update] = await rig.updates()
    received = update["message"]["document"]
    assert (received["file_name"], received["file_size"]) == ("biên bản.docx", 5)
    path = (await rig.ok("getFile", file_id=received["file_id"]))["file_path"]
    assert path.startswith("documents/")
    assert (await rig.http.get(f"/file/bot{TOKEN}/{path}")).content == "chào".encode()
    assert (await rig.http.get(f"/file/bot{TOKEN}/documents/none")).status_code == 404


async def test_the_page_uploads_and_shows_files(rig: Rig) -> None:
    person = await rig.person()
    files = {"photo": ("anh.png", PICTURE, "image/png")}
    reply = await rig.http.post("/sim/message", data={"from": str(person)}, files=files)
    [photo] = reply.json()["message"]["photo"]
    assert (photo["width"], photo["height"]) == (64, 64)
    shown = await rig.http.get(f"/sim/files/{photo['file_id']}")
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/png")


async def test_a_ten_megabyte_photo_goes_and_a_larger_one_does_not(rig: Rig) -> None:
    person = await rig.person()
    sent = await rig.post("/sim/message", **{"from": person, "photo": {"size": 10_000_000}})
    assert sent["message"]["photo"][0]["file_size"] == 10_000_000
    too_big = {"from": person, "photo": {"size": 10_000_001}}
    assert "10 MB" in await rig.sim_error("/sim/message", **too_big)


async def test_a_file_over_20_megabytes_cannot_be_fetched(rig: Rig) -> None:
    person = await rig.person()
    sent = await rig.post("/sim/message", **{"from": person, "document": {"size": 20_000_001}})
    file_id = sent["message"]["document"]["file_id"]
    assert await rig.refused("getFile", file_id=file_id) == "Bad Request: file is too big"
    unknown = "Bad Request: wrong file_id or the file is temporarily unavailable"
    assert await rig.refused("getFile", file_id="x") == unknown


async def test_a_bots_photo_must_be_a_picture(rig: Rig) -> None:
    person = await rig.started()
    path, form = f"/bot{TOKEN}/sendPhoto", {"chat_id": str(person)}
    sent = await rig.http.post(path, data=form, files={"photo": ("a.png", PICTURE)})
    assert sent.json()["result"]["photo"][0]["width"] == 64
    refused = await rig.http.post(path, data=form, files={"photo": ("a.png", b"text")})
    assert refused.json()["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    missing = await rig.refused("sendPhoto", chat_id=person)
    assert missing == "Bad Request: there is no photo in the request"


async def test_an_album_goes_out_as_one_group(rig: Rig) -> None:
    person = await rig.started()
    media = [
        {"type": "photo", "media": "attach://a", "caption": "<b>Ảnh</b>", "parse_mode": "HTML"},
        {"type": "photo", "media": "attach://b"},
    ]
    form = {"chat_id": str(person), "media": json.dumps(media)}
    files = {"a": ("a.png", PICTURE), "b": ("b.png", PICTURE)}
    reply = await rig.http.post(f"/bot{TOKEN}/sendMediaGroup", data=form, files=files)
    first, second = reply.json()["result"]
    assert first["caption_entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert first["media_group_id"] == second["media_group_id"]
    one = await rig.refused("sendMediaGroup", chat_id=person, media=media[:1])
    assert one == "Bad Request: group send failed"
    calls = await rig.get("/sim/calls", method="sendMediaGroup")
    assert calls[0]["params"]["a"] == {"file_name": "a.png", "size": len(PICTURE)}


async def test_a_known_file_is_sent_again_by_its_id(rig: Rig) -> None:
    person = await rig.started()
    said = await rig.post("/sim/message", **{"from": person, "photo": True})
    file_id = said["message"]["photo"][0]["file_id"]
    sent = await rig.ok("sendPhoto", chat_id=person, photo=file_id)
    assert sent["photo"][0]["file_id"] == file_id
    wrong = await rig.refused("sendDocument", chat_id=person, document=file_id)
    assert wrong == "Bad Request: can't use file of type Photo as Document"
