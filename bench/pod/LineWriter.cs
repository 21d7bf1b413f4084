using System.Globalization;
using System.Text;

namespace DeployCard.Bench.Pod;

/// <summary>Writes log lines: a flood at a fixed rate, or single lines with their time.</summary>
internal static class LineWriter
{
    private const int LineBytes = 100;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Writes numbered lines of 100 bytes at a steady rate, and returns their number. A pod that falls behind catches up with larger
    /// writes, of at most the lines of 50 ms.
    /// </summary>
    /// <param name="toLog">Whether the lines are written to the standard output; otherwise to <c>/dev/null</c>, at the same cost.</param>
    /// <param name="perSecond">Number of lines per second.</param>
    /// <param name="duration">Duration of the flood.</param>
    /// <param name="cancellationToken">Stops the flood before its end.</param>
    public static Task<long> WriteFlood(bool toLog, int perSecond, TimeSpan duration, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                await using var output = toLog ? Console.OpenStandardOutput() : File.OpenWrite("/dev/null");
                var began = TimeProvider.System.GetTimestamp();
                var written = 0L;
                for (var elapsed = TimeSpan.Zero; elapsed < duration; elapsed = TimeProvider.System.GetElapsedTime(began))
                {
                    var due = Math.Min((long)(elapsed.TotalSeconds * perSecond), written + (perSecond / 20));
                    if (due > written)
                        await output.WriteAsync(CreateLines(written, due), cancellationToken);
                    written = due;
                    await Task.Delay(Step, TimeProvider.System, cancellationToken);
                }

                return written;
            },
            cancellationToken
        );

    /// <summary>
    /// Writes lines of the form <c>tick 123…</c>. The number is the time at which the line was written, in ticks of the monotonic clock,
    /// which other processes of the machine can compare.
    /// </summary>
    /// <param name="count">Number of lines to write.</param>
    /// <param name="interval">Interval between two lines.</param>
    /// <param name="cancellationToken">Cancels the remaining lines.</param>
    public static async Task WriteTicks(int count, TimeSpan interval, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        using var timer = new PeriodicTimer(interval, TimeProvider.System);
        for (var i = 0; i < count && await timer.WaitForNextTickAsync(cancellationToken); i++)
            await output.WriteAsync(Encoding.ASCII.GetBytes($"tick {TimeProvider.System.GetTimestamp()}\n"), cancellationToken);
    }

    private static byte[] CreateLines(long from, long to)
    {
        var bytes = new byte[(to - from) * LineBytes];
        bytes.AsSpan().Fill((byte)'x');
        for (var i = 0; i < to - from; i++)
        {
            var line = bytes.AsSpan(i * LineBytes, LineBytes);
            "flood "u8.CopyTo(line);
            (from + i).TryFormat(line[6..], out _, "D12", CultureInfo.InvariantCulture);
            line[18] = (byte)' ';
            line[^1] = (byte)'\n';
        }

        return bytes;
    }
}
