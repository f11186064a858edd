import Bytes
import Clock
import Digests
import HTTPTypes
import JSON
import Testing

@testable import StandIns

@Suite struct PictureTests {
    private let providers = StandInProviders(clock: ManualClock(Timestamp(seconds: 1_767_322_800)))

    private func post(_ path: String, _ document: JSONValue, key: String? = "k") async -> HTTPResponse {
        var request = HTTPRequest(
            method: "POST", target: "/_providers/openai/v1/\(path)", headers: ["Host": "h:1"],
            body: .bytes(document.encoded()))
        request.headers["Authorization"] = key.map { "Bearer \($0)" }
        return await providers.respond(to: request)
    }

    private func json(_ response: HTTPResponse) throws -> JSONValue {
        try JSONValue.parse(response.body.bytes ?? [])
    }

    @Test(arguments: ["256x256", "512x512", "1024x1792"])
    func paintsTheAskedSize(_ size: String) async throws {
        let response = await post(
            "images/generations",
            [
                "model": "dall-e-3", "prompt": "a red house", "size": .string(size),
                "response_format": "b64_json",
            ])
        #expect(response.status == 200 && response.headers["x-mumble-offline"] == "true")
        let text = try #require(try json(response)["data"]?[0]?["b64_json"]?.string)
        let png = try #require(Base64.decode(text))
        #expect(png.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        let width = try #require(ByteOrder.read(UInt32.self, from: png, at: 16))
        let height = try #require(ByteOrder.read(UInt32.self, from: png, at: 20))
        #expect("\(width)x\(height)" == size)
    }

    @Test func chunksHaveTheirChecksums() throws {
        let png = PNGEncoder.encode(Painter.paint("rain on the sea", width: 64, height: 48))
        var position = 8
        var names: [String] = []
        while position < png.count {
            let length = Int(try #require(ByteOrder.read(UInt32.self, from: png, at: position)))
            names.append(String(decoding: png[position + 4..<position + 8], as: UTF8.self))
            let crc = try #require(ByteOrder.read(UInt32.self, from: png, at: position + 8 + length))
            #expect(CRC32.checksum(Array(png[position + 4..<position + 8 + length])) == crc)
            position += length + 12
        }
        #expect(names == ["IHDR", "tEXt", "IDAT", "IEND"])
    }

    @Test func samePromptSamePictureOtherPromptOther() {
        let first = Painter.paint("a cat on a hill", width: 96, height: 96)
        #expect(first.pixels == Painter.paint("a cat on a hill", width: 96, height: 96).pixels)
        #expect(first.pixels != Painter.paint("a cat on a roof", width: 96, height: 96).pixels)
    }

    @Test(arguments: [
        "night city with stars", "下雪的山", "stormy sea with a boat", "happy garden flowers", "", "🎧",
        "fog forest house",
    ])
    func everyPromptPaints(_ prompt: String) {
        let canvas = Painter.paint(prompt, width: 128, height: 80)
        #expect(Set(canvas.pixels).count > 40)
    }

    @Test func linkServesTheSamePicture() async throws {
        let order: JSONValue = ["model": "dall-e-3", "prompt": "hills", "size": "256x256"]
        let url = try #require(try json(await post("images/generations", order))["data"]?[0]?["url"]?.string)
        let path = try #require(
            url.hasPrefix("http://h:1/") ? String(url.dropFirst("http://h:1".count)) : nil)
        let file = await providers.respond(to: HTTPRequest(method: "GET", target: path))
        #expect(file.status == 200 && file.headers["content-type"] == "image/png")
        let gone = await providers.respond(
            to: HTTPRequest(method: "GET", target: "/_providers/openai/files/x.png"))
        #expect(gone.status == 404)
    }

    @Test func gptImageModelsAlwaysAnswerInBase64() async throws {
        let response = await post(
            "images/generations", ["model": "gpt-image-1", "prompt": "x", "size": "256x256"])
        #expect(try json(response)["data"]?[0]?["b64_json"]?.string != nil)
    }

    @Test(
        arguments: [
            ([:], "prompt"), (["prompt": "x", "size": "17x17"], "size"), (["prompt": "x", "n": 2], "n"),
            (["prompt": "x", "response_format": "gif"], "response_format"), (["prompt": 5], "prompt"),
        ] as [(JSONValue, String)])
    func badOrders(_ order: JSONValue, _ parameter: String) async throws {
        let response = await post("images/generations", order)
        #expect(response.status == 400)
        #expect(try json(response)["error"]?["param"]?.string == parameter)
    }

    @Test func keyAndPathAreChecked() async {
        #expect(await post("images/generations", ["prompt": "x"], key: nil).status == 401)
        #expect(await post("images/generations", ["prompt": "x"], key: "").status == 401)
        #expect(await post("nothing", [:]).status == 404)
    }

    @Test func chatKeepsTheUsersWords() async throws {
        let response = await post(
            "chat/completions",
            [
                "model": "m",
                "messages": [
                    ["role": "system", "content": "s"], ["role": "user", "content": "a night cat"],
                ],
            ])
        let text = try #require(try json(response)["choices"]?[0]?["message"]?["content"]?.string)
        #expect(text.hasPrefix("a night cat, under a deep night sky"))
        #expect(await post("chat/completions", ["model": "m", "messages": []]).status == 400)
        #expect(
            await post("chat/completions", ["messages": [["role": "user", "content": "x"]]]).status == 400)
    }
}

@Suite struct CanvasTests {
    /// Shapes with fractional corners, partly or wholly outside: clipped, never a trap.
    @Test func shapesAreClipped() {
        print("seed 7")
        var random = SeededGenerator(seed: 7)
        var canvas = Canvas(width: 40, height: 30)
        for _ in 0..<2_000 {
            let (x, y) = (random.number(-60...60), random.number(-60...60))
            let size = random.number(-5...30)
            canvas.triangle(apex: (x, y), baseY: y + size, halfWidth: size, Colour(0xFF0000))
            canvas.ellipse(x, y, size, size / 2, Colour(0x00FF00))
            canvas.rectangle(x, y, size, size, Colour(0x0000FF))
            canvas.line(from: (x, y), to: (y, x), thickness: size, Colour(0xFFFFFF))
        }
        #expect(canvas.pixels.count == 40 * 30 * 3)
        #expect(Set(canvas.pixels).count > 1)
    }
}
