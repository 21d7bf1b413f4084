using System.Diagnostics;

namespace DeployCard.Tests.Support;

/// <summary>
/// A server process whose output is written to a file. The server ends when the test process ends, even if that is killed.
/// </summary>
internal sealed class SupervisedProcess : IAsyncDisposable
{
    // The shell ends the server when its standard input ends, which happens when the test process ends. The shell exits with the server.
    private const string SupervisorScript = """
        signal=$1; log=$2; shift 2
        exec 3<&0
        "$@" > "$log" 2>&1 3<&- & server=$!
        { cat <&3 > /dev/null; kill -$signal $server 2> /dev/null; } &
        wait $server
        """;

    private readonly Process supervisor;
    private readonly string log;

    private SupervisedProcess(Process supervisor, string log) => (this.supervisor, this.log) = (supervisor, log);

    public bool HasExited => supervisor.HasExited;

    /// <summary>Starts a server process.</summary>
    /// <param name="signal">Name of the signal that ends the server, for example <c>TERM</c>.</param>
    /// <param name="log">Path of the file for the output of the server.</param>
    /// <param name="command">Program of the server and its arguments.</param>
    public static SupervisedProcess Start(string signal, string log, params IEnumerable<string> command) =>
        new(
            Process.Start(
                new ProcessStartInfo("/bin/sh", ["-c", SupervisorScript, "keeper", signal, log, .. command])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                    WorkingDirectory = "/",
                }
            )!,
            log
        );

    /// <summary>Waits until the server responds. The exception contains its output if it does not.</summary>
    /// <param name="isResponding">Whether the server responds.</param>
    /// <param name="name">Name of the server for the exception.</param>
    /// <param name="timeout">Maximum time to wait.</param>
    public Task WaitUntilReady(Func<Task<bool>> isResponding, string name, TimeSpan timeout) =>
        Eventually.True(
            async () =>
                await isResponding()
                || (HasExited ? throw new InvalidOperationException($"{name} did not start: {await File.ReadAllTextAsync(log)}") : false),
            $"{name} responds",
            CancellationToken.None,
            timeout,
            () => File.ReadAllText(log)
        );

    /// <summary>Waits until the server has ended. Does not end the server, in contrast to <see cref="DisposeAsync"/>.</summary>
    public Task WaitForEnd(TimeSpan timeout) => supervisor.WaitForExitAsync().WaitAsync(timeout);

    /// <summary>Ends the server if it still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        supervisor.StandardInput.Close();
        await supervisor.WaitForExitAsync();
        supervisor.Dispose();
    }
}
