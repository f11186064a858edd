import Bytes
import Clock
import JSON
import ProviderClients

/// Small real data for the handlers' tests.
public enum Samples {
    /// A valid PNG of 320 by 160 pixels in one blue.
    public static let png: [UInt8] =
        Base64.decode(
            """
            iVBORw0KGgoAAAANSUhEUgAAAUAAAACgCAIAAADywSLLAAABa0lEQVR42u3TQQkAAAgEwYtjRCMayxC+hIFJsLCpHu\
            CpSAAGBgwMGBgMDBgYMDBgYDAwYGDAwGBgwMCAgQEDg4EBAwMGBgwMBgYMDBgYDAwYGDAwYGAwMGBgwMCAgcHAgIEB\
            A4OBAQMDBgYMDAYGDAwYGAysAhgYMDBgYDAwYGDAwICBwcCAgQEDg4EBAwMGBgwMBgYMDBgYMDAYGDAwYGAwMGBgwM\
            CAgcHAgIEBAwMGBgMDBgYMDAYGDAwYGDAwGBgwMGBgMDBgYMDAgIHBwICBAQMDBgYDAwYGDAwGBgwMGBgwMBgYMDBg\
            YMDAYGDAwICBwcCAgQEDAwYGAwMGBgwMGBgMDBgYMDAYGDAwYGDAwGBgwMCAgcHAgIEBAwMGBgMDBgYMDBgYDAwYGD\
            AwGBgwMGBgwMBgYMDAgIEBA4OBAQMDBgYDAwYGDAwYGAwMGBgwMBhYBTAwYGDAwGBgwMCAgQEDg4EBAwM3C3LRUHgP\
            2QGXAAAAAElFTkSuQmCC
            """) ?? []

    /// 44 bytes of RIFF/WAVE header for silence of no length.
    public static let wav: [UInt8] =
        Array("RIFF".utf8) + [36, 0, 0, 0] + Array("WAVEfmt ".utf8)
        + [16, 0, 0, 0, 1, 0, 1, 0, 0x80, 0x3E, 0, 0, 0, 0x7D, 0, 0, 2, 0, 16, 0] + Array("data".utf8)
        + [0, 0, 0, 0]

    public static let transcript = Transcript(
        text: "a red fox in the snow", language: "en", durationSeconds: 1.5, offline: true)

    public static let weather = weather(offline: true)

    public static func weather(offline: Bool) -> WeatherReport {
        WeatherReport(
            description: "light rain", temperatureCelsius: 18.4, location: "Shanghai", humidityPercent: 81,
            windMetersPerSecond: 3.2, observedAt: Timestamp(seconds: 1_767_322_800),
            timezoneOffsetSeconds: 28_800, offline: offline)
    }

    public static func providerError(
        _ provider: String, _ code: ProviderError.Code, status: Int = 0
    ) -> ProviderError {
        ProviderError(provider: provider, code: code, status: status, message: "as the test wants it")
    }
}
