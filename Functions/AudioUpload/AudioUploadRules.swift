import Mumble

/// What the two ways of uploading have in common, and how they are told apart.
enum AudioUploadRules {
    /// How the request carries its recording.
    enum Mode: Equatable {
        /// JSON describes a recording that the client will PUT to a presigned address.
        case link
        /// The body is the recording. nil: the client does not say which format.
        case direct(AudioFormat?)
    }

    /// Decides by `Content-Type`. `application/octet-stream` leaves the format to the content.
    static func mode(contentType: String?) throws(HandlerError) -> Mode {
        guard let contentType, !contentType.isEmpty else {
            throw .unsupportedMediaType(
                "header 'content-type' is missing; send application/json or the type of the recording")
        }
        switch AudioFormat.mediaType(contentType) {
        case "application/json": return .link
        case "application/octet-stream": return .direct(nil)
        default:
            guard let format = AudioFormat(contentType: contentType) else {
                throw .unsupportedMediaType(
                    "header 'content-type' must be application/json, application/octet-stream"
                        + " or the type of \(AudioFormat.names)")
            }
            return .direct(format)
        }
    }

    /// The format named by field `contentType`.
    static func format(named input: Input) throws(HandlerError) -> AudioFormat {
        let name = try input.requiredText(.prose(maximum: 128))
        guard let format = AudioFormat(contentType: name) else {
            throw .unsupportedMediaType("\(input.label) must be the type of \(AudioFormat.names)")
        }
        return format
    }

    /// The format of a recording in the body. What the client calls it must be what it is: a mislabelled
    /// file would only fail later, at the speech provider.
    static func format(of recording: [UInt8], declared: AudioFormat?) throws(HandlerError) -> AudioFormat {
        guard !recording.isEmpty else {
            throw .badRequest("MissingBody", "the body is missing; send the recording")
        }
        guard recording.count <= AudioFormat.maximumBytes else {
            throw .tooLarge("the recording is larger than \(AudioFormat.maximumBytes) bytes")
        }
        guard let found = AudioFormat(magic: recording) else {
            throw .unsupportedMediaType("the body is not \(AudioFormat.names)")
        }
        if let declared, declared != found {
            throw .unsupportedMediaType(
                "header 'content-type' says \(declared.contentType) but the body is \(found.contentType)")
        }
        return found
    }
}
