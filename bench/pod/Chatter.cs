using System.Globalization;
using System.Text;

namespace DeployCard.Bench.Pod;

/// <summary>A pod that writes lines: many, or each at its time.</summary>
internal static class Chatter
{
    private const int LineBytes = 100;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Writes numbered lines of 100 bytes at a steady rate; as fast as it can where it falls behind. Not to the log, the work is the same but nobody reads it.
    /// Returns how many there were.
    /// </summary>
    public static Task<long> Flood(bool toLog, int perSecond, TimeSpan duration, CancellationToken cancellationToken) =>
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
                        await output.WriteAsync(Lines(written, due), cancellationToken);
                    written = due;
                    await Task.Delay(Step, TimeProvider.System, cancellationToken);
                }

                return written;
            },
            cancellationToken
        );

    /// <summary>Writes so many lines <c>tick 123…</c> with a pause between them, each with the time at which it was written, in steps of the machine's monotonic clock.</summary>
    public static async Task Tick(int count, TimeSpan pause, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        using var timer = new PeriodicTimer(pause, TimeProvider.System);
        for (var i = 0; i < count && await timer.WaitForNextTickAsync(cancellationToken); i++)
            await output.WriteAsync(Encoding.ASCII.GetBytes($"tick {TimeProvider.System.GetTimestamp()}\n"), cancellationToken);
    }

    private static byte[] Lines(long from, long to)
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
