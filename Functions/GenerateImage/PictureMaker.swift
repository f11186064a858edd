import Images
import JSON
import LambdaEvents
import Mumble
import ProviderClients

/// Weather, enhancer, picture, storage, in this order. The first two may fail and be done without.
struct PictureMaker: Sendable {
    let dependencies: Dependencies

    init(_ dependencies: Dependencies) { self.dependencies = dependencies }

    func make(_ request: GenerateImageRequest, prompt: String, digest: String) throws(HandlerError) -> Answer
    {
        var degraded: [Degradation] = []
        let context = surroundings(request, &degraded)
        let enhanced = enhance(prompt, request, context, &degraded)
        let picture = try generate(enhanced, size: request.size)
        let image = StoredImage(
            id: dependencies.identifiers.makeID(), userID: request.userID, prompt: prompt,
            enhancedPrompt: enhanced, style: request.style, mood: request.mood, size: request.size,
            model: picture.model, offline: picture.offline, createdAt: dependencies.clock.now.iso8601,
            audioID: audioID(request.source))
        try store(image, picture, digest: digest)
        return .ok(
            image.document(dependencies.bucket, cached: false, degraded: degraded, weather: context.weather))
    }

    private func audioID(_ source: GenerateImageRequest.Source) -> String? {
        if case .audio(let id) = source { id } else { nil }
    }

    // MARK: - What may be done without

    private func surroundings(
        _ request: GenerateImageRequest, _ degraded: inout [Degradation]
    ) -> PictureContext {
        guard let coordinates = request.location?.coordinates else { return PictureContext() }
        var context = PictureContext()
        do {
            context.weather = try WeatherLookup(dependencies).weather(at: coordinates, language: "en")
        } catch {
            degraded.append(note("weather", error))
        }
        context.localTime = GenerateImageRules.localTime(dependencies.clock.now, coordinates, context.weather)
        return context
    }

    private func enhance(
        _ prompt: String, _ request: GenerateImageRequest, _ context: PictureContext,
        _ degraded: inout [Degradation]
    ) -> String {
        do {
            let completion = try dependencies.chat.complete(
                system: GenerateImageRules.enhancerInstructions,
                user: GenerateImageRules.enhancerInput(prompt: prompt, request, context))
            if let text = GenerateImageRules.usable(completion.text) { return text }
            degraded.append(Degradation(step: "enhancer", code: "ChatProviderBadResponse"))
        } catch {
            degraded.append(note("enhancer", HandlerError(provider: error)))
        }
        return GenerateImageRules.plainPrompt(prompt: prompt, request, context)
    }

    private func note(_ step: String, _ error: HandlerError) -> Degradation {
        dependencies.log("continuing without \(step): \(error)")
        return Degradation(step: step, code: error.code)
    }

    // MARK: - What may not

    private func generate(_ prompt: String, size: String) throws(HandlerError) -> GeneratedImage {
        do {
            return try dependencies.images.generate(prompt: prompt, size: size)
        } catch {
            throw HandlerError(provider: error)
        }
    }

    /// Objects before items: an item never names a picture that is not there.
    private func store(
        _ image: StoredImage, _ picture: GeneratedImage, digest: String
    ) throws(HandlerError) {
        let thumbnail: [UInt8]
        do {
            thumbnail = try PNG.thumbnail(of: picture.png, maxSide: GenerateImageRules.thumbnailSide)
        } catch {
            throw HandlerError(
                status: 502, code: "ImageProviderBadResponse",
                message: "the image provider sent a picture that is not a readable PNG", detail: "\(error)")
        }
        try dependencies.bucket.put(image.key, picture.png, contentType: "image/png")
        try dependencies.bucket.put(image.thumbnailKey, thumbnail, contentType: "image/png")
        let expires = dependencies.clock.now.seconds + GenerateImageRules.cacheSeconds
        try dependencies.table.putAll([image.item, image.promptItem(digest: digest, expires: expires)])
    }
}
