using DeployCard.Grains.Runtimes.LocalProcess.Output;

namespace DeployCard.Grains.Runtimes.Kubernetes.Output;

/// <summary>One answer of the log API, line by line. A node sends nothing at all, not even the head of its answer, before there is a first line.</summary>
/// <param name="open">Asks for it; null where there is nothing to read.</param>
/// <param name="time">The clock.</param>
internal sealed class LogConnection(Func<CancellationToken, Task<Stream?>> open, TimeProvider time) : IAsyncDisposable
{
    private const int LineLimit = 16 * 1024;
    private const int BufferSize = 8 * 1024;

    private readonly CancellationTokenSource end = new();
    private List<StampedLine> lines = [];
    private LineSplitter? splitter;
    private byte[] buffer = [];
    private Stream? stream;
    private Task<int>? receiving;

    /// <summary>Whether there was anything to read.</summary>
    public bool WasOpen => stream is not null;

    /// <summary>Whether it ended, and not by breaking off.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Why it broke off; null where it ended as it should, or goes on.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Once it has ended or was given up: what it brought of a last line that had no end.</summary>
    public IReadOnlyList<StampedLine> Rest { get; private set; } = [];

    /// <summary>The lines that came; empty where for a while none did, null once it has ended.</summary>
    public async Task<IReadOnlyList<StampedLine>?> Next(TimeSpan silence, CancellationToken cancellationToken)
    {
        receiving ??= Receive();
        await ((Task)receiving).WaitAsync(silence, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (!receiving.IsCompleted)
            return [];
        var length = await receiving;
        receiving = null;
        splitter ??= new(LineLimit, (line, cut) => lines.Add(StampedLine.Parse(LineText.From(line, cut))));
        splitter.Add(buffer.AsSpan(0, length));
        if (length > 0)
            return Taken();
        splitter.End();
        (Rest, IsWhole) = (Taken(), Failure is null);
        return null;
    }

    /// <summary>Nothing more is waited for.</summary>
    public void GiveUp()
    {
        splitter?.End();
        Rest = Taken();
    }

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        if (receiving is not null)
            await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (stream is not null)
            await stream.DisposeAsync();
        end.Dispose();
    }

    /// <summary>How much more has come; 0 at the end, whichever way it ended.</summary>
    private async Task<int> Receive()
    {
        try
        {
            stream ??= await open(end.Token);
            if (buffer.Length == 0)
                buffer = new byte[BufferSize];
            return stream is null ? 0 : await stream.ReadAsync(buffer, end.Token);
        }
        catch (Exception e)
        {
            Failure = e;
            return 0;
        }
    }

    private List<StampedLine> Taken()
    {
        var taken = lines;
        lines = [];
        return taken;
    }
}
