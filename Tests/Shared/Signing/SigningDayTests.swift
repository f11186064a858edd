import Clock
import HTTPTypes
import Testing

@testable import Signing

@Suite struct SigningDayTests {
    private func signer() -> SigV4Signer {
        SigV4Signer(
            credentials: Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret"),
            region: "us-east-1", service: "dynamodb", style: .standard)
    }

    private func authorization(_ signer: SigV4Signer, at time: Timestamp) -> String? {
        var request = HTTPRequest(method: "POST", headers: ["Host": "localhost"], body: .bytes([1]))
        signer.sign(&request, payload: .bytes([1]), at: time)
        return request.headers["Authorization"]
    }

    /// Within a second, over seconds, over midnight and back.
    @Test func aSignerThatIsKeptSignsLikeANewOne() {
        let kept = signer()
        let midnight: Int64 = 1_767_225_600_000
        for offset: Int64 in [-1_500, -1_000, -1, 0, 999, 1_000, 86_400_000, -1, 0] {
            let time = Timestamp(milliseconds: midnight + offset)
            #expect(authorization(kept, at: time) == authorization(signer(), at: time))
        }
        let dates = [midnight - 1, midnight].map { authorization(kept, at: Timestamp(milliseconds: $0)) }
        #expect(dates[0]?.contains("/20251231/") == true)
        #expect(dates[1]?.contains("/20260101/") == true)
    }
}
