using DeployCard.Common.Text;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.LocalProcess.Output;

/// <summary>Reads the output of one run of a program: passes all lines to <paramref name="onLines"/> and keeps the last ones.</summary>
internal sealed class PodOutput(int maxLineBytes, Action<LogStream, RawLines> onLines)
{
    private readonly Lock sync = new();
    private readonly LastLines last = new();

    /// <summary>The last lines that the program wrote, at most 20.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (sync)
            {
                return last.ToList();
            }
        }
    }

    /// <summary>The line that most likely explains why the program failed; null if the program wrote nothing.</summary>
    public string? LikelyError
    {
        get
        {
            lock (sync)
            {
                return last.FindLikelyError();
            }
        }
    }

    public Task ReadStdout(Stream stream, CancellationToken cancellationToken) => Read(stream, LogStream.Stdout, cancellationToken);

    public Task ReadStderr(Stream stream, CancellationToken cancellationToken) => Read(stream, LogStream.Stderr, cancellationToken);

    private async Task Read(Stream stream, LogStream source, CancellationToken cancellationToken)
    {
        var lines = new RawLines(0);
        var splitter = new LineSplitter(maxLineBytes, (line, cut) => lines.Add(line, cut));
        var buffer = new byte[64 * 1024];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                splitter.Add(buffer.AsSpan(0, count));
                if (lines.Count > 0)
                    Emit(source, lines);

                lines = new(count);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The pod has ended, but a process that left its group still holds the pipe. Keep the lines that have arrived.
        }

        splitter.Complete();
        if (lines.Count > 0)
            Emit(source, lines);
    }

    private void Emit(LogStream source, RawLines lines)
    {
        lock (sync)
        {
            foreach (var line in lines.TakeLast(Output.LastLines.MaxLines))
                last.Add(source, line);
        }

        onLines(source, lines);
    }
}
