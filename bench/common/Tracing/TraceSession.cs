using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>Events of a .NET process, read from outside through its diagnostics port. The process needs no code for it.</summary>
internal sealed class TraceSession : IAsyncDisposable
{
    private readonly EventPipeSession session;
    private readonly Task reading;

    private TraceSession(EventPipeSession session, Action<EventPipeEventSource> listen)
    {
        this.session = session;
        reading = Task.Run(() =>
        {
            using var source = new EventPipeEventSource(session.EventStream);
            listen(source);
            source.Process();
        });
    }

    public static async Task<TraceSession> Start(
        int process,
        EventPipeProvider provider,
        Action<EventPipeEventSource> listen,
        CancellationToken cancellationToken
    ) =>
        new(
            await new DiagnosticsClient(process).StartEventPipeSessionAsync(provider, requestRundown: false, token: cancellationToken),
            listen
        );

    /// <summary>Ends it and waits until its last event was read.</summary>
    public async ValueTask DisposeAsync()
    {
        await session.StopAsync(CancellationToken.None);
        await reading;
        session.Dispose();
    }
}
