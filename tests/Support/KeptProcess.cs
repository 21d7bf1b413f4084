using System.Diagnostics;

namespace DeployCard.Tests.Support;

/// <summary>
/// A server in a process of its own, whose output goes to a file. It ends with this process, however that ends.
/// </summary>
internal sealed class KeptProcess : IAsyncDisposable
{
    // The shell ends the server when this process is gone, for then its input ends; and it ends when the server does.
    private const string Keeper = """
        signal=$1; log=$2; shift 2
        exec 3<&0
        "$@" > "$log" 2>&1 3<&- & server=$!
        { cat <&3 > /dev/null; kill -$signal $server 2> /dev/null; } &
        wait $server
        """;

    private readonly Process keeper;

    private KeptProcess(Process keeper) => this.keeper = keeper;

    public bool HasExited => keeper.HasExited;

    /// <summary>Starts it.</summary>
    /// <param name="signal">What ends it once it is not kept any more, as <c>TERM</c>.</param>
    /// <param name="log">Where its output goes.</param>
    /// <param name="command">The program and its arguments.</param>
    public static KeptProcess Start(string signal, string log, params IEnumerable<string> command) =>
        new(
            Process.Start(
                new ProcessStartInfo("/bin/sh", ["-c", Keeper, "keeper", signal, log, .. command])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                    WorkingDirectory = "/",
                }
            )!
        );

    /// <summary>Waits until it has ended by itself. To close its input, as <see cref="DisposeAsync"/> does, is to end it.</summary>
    public Task WaitForEnd(TimeSpan patience) => keeper.WaitForExitAsync().WaitAsync(patience);

    /// <summary>Ends it where it has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        keeper.StandardInput.Close();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
    }
}
