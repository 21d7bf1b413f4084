using System.Globalization;

namespace DeployCard.Grains.Tests.Runtimes.LocalProcess;

/// <summary>Helpers that observe processes of the machine.</summary>
internal static class Processes
{
    /// <summary>Waits until the file has <paramref name="count"/> lines, each a process id, and returns these ids.</summary>
    public static async Task<int[]> ReadIds(string file, int count)
    {
        var lines = Array.Empty<string>();
        await WaitUntil(
            () => (lines = File.Exists(file) ? File.ReadAllText(file).Split('\n')[..^1] : []).Length >= count,
            $"{count} lines in {file}"
        );
        return [.. lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
    }

    /// <summary>Waits until all processes have ended. A zombie process counts as ended.</summary>
    public static Task WaitForEnd(params int[] processes) =>
        WaitUntil(() => !processes.Any(IsAlive), $"the end of {string.Join(", ", processes)}");

    public static bool IsAlive(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task WaitUntil(Func<bool> happened, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!happened())
        {
            if (TimeProvider.System.GetElapsedTime(start) > LocalProcessHost.WaitTimeout)
                throw new TimeoutException($"Timed out waiting for {what}.");

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
