import Glibc
import Net

// The work happens on the event loop's thread; this one only waits for the exit code.
let arguments = Array(CommandLine.arguments.dropFirst())
Task(executorPreference: EventLoop.taskExecutor) { @EventLoop in
    let code = await CommandTable.run(arguments)
    exit(code.rawValue)
}
while true { pause() }
