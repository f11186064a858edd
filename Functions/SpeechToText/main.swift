import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = SpeechToTextService(try Dependencies.fromEnvironment())
    return service.handle
}
