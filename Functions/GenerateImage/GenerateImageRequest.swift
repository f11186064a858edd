import Digests
import JSON
import Mumble

/// Where the picture plays: words, a point, or both.
struct PictureLocation: Sendable, Equatable {
    var place: String?
    var coordinates: Coordinates?

    /// Reads field `location`: a string, or an object with `latitude` and `longitude` and perhaps `place`.
    init?(_ input: Input) throws(HandlerError) {
        guard let value = input.value else { return nil }
        if value.string != nil {
            place = try input.text(.prose(maximum: 100))
            return
        }
        guard let object = value.object else {
            throw .invalid(input.label, "must be a string or an object with latitude and longitude")
        }
        let fields = Inputs(fields: object, prefix: "location.")
        place = try fields["place"].text(.prose(maximum: 100))
        coordinates =
            Coordinates(
                latitude: try fields["latitude"].requiredNumber(in: Coordinates.latitudes),
                longitude: try fields["longitude"].requiredNumber(in: Coordinates.longitudes)
            ).rounded
    }

    /// `place` in JSON, `latitude,longitude`, or both.
    var document: JSONValue {
        var document = JSONObject()
        document["place"] = place.map { .string($0) }
        document["latitude"] = coordinates.map { .number(JSONNumber($0.latitude)) }
        document["longitude"] = coordinates.map { .number(JSONNumber($0.longitude)) }
        return .object(document)
    }
}

/// A checked request for a picture.
struct GenerateImageRequest: Sendable, Equatable {
    /// What the picture shows: words, or the recording that holds them.
    enum Source: Sendable, Equatable {
        case prompt(String)
        case audio(id: String)
    }

    /// Short names for common styles. Any other words are taken as they are.
    static let styles: [String: String] = [
        "photo": "a natural photograph", "watercolor": "a watercolor painting",
        "watercolour": "a watercolor painting", "oil": "an oil painting", "sketch": "a pencil sketch",
        "ink": "an ink wash painting", "anime": "an anime illustration", "pixel": "pixel art",
        "poster": "a flat poster illustration",
    ]
    /// All that the images format of the provider knows; a model may take fewer.
    static let sizes = ["256x256", "512x512", "1024x1024", "1024x1792", "1792x1024"]
    static let maximumPromptCharacters = 1000

    var source: Source
    var style: String
    var location: PictureLocation?
    var mood: String?
    var size: String
    var userID: String

    init(_ fields: Inputs) throws(HandlerError) {
        let prompt = try fields["prompt"].text(.prose(maximum: Self.maximumPromptCharacters))
        let audioID = try AudioReference.identifier(in: fields)
        switch (prompt, audioID) {
        case (let prompt?, nil): source = .prompt(prompt)
        case (nil, let id?): source = .audio(id: id)
        case (nil, nil):
            throw .badRequest(
                "MissingField", "field 'prompt', field 'audioKey' or field 'audioId' is missing")
        case (_?, _?):
            throw .invalid("field 'prompt'", "must be absent when a recording is given")
        }
        style = try fields["style"].text(.prose(maximum: 64)) ?? "photo"
        location = try PictureLocation(fields["location"])
        mood = try fields["mood"].text(.prose(maximum: 64))
        size = try fields["size"].choice(Self.sizes) ?? "1024x1024"
        userID = try fields["userId"].text(.userID) ?? AudioRecord.anonymousUser
    }

    var styleWords: String { Self.styles[style] ?? style }

    /// SHA-256 in hex of everything that decides the picture except weather and hour, which would make every
    /// request new. The user is part of it: a picture belongs to one gallery and is deleted from there.
    func digest(prompt: String) -> String {
        let document: JSONValue = [
            "prompt": .string(prompt), "style": .string(style), "mood": mood.map { .string($0) } ?? .null,
            "size": .string(size), "location": location?.document ?? .null, "user": .string(userID),
        ]
        return SHA256.hex(document.encoded())
    }
}
