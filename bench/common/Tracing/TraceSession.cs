using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Diagnostics.Tracing;

namespace DeployCard.Bench.Common.Tracing;

/// <summary>Receives runtime events of another .NET process through its diagnostics port. The process needs no code for tracing.</summary>
internal sealed class TraceSession : IAsyncDisposable
{
    private readonly EventPipeSession session;
    private readonly Task reading;

    private TraceSession(EventPipeSession session, Action<EventPipeEventSource> subscribe)
    {
        this.session = session;
        reading = Task.Run(() =>
        {
            using var source = new EventPipeEventSource(session.EventStream);
            subscribe(source);
            source.Process();
        });
    }

    /// <summary>Starts a session that enables the events of one provider.</summary>
    /// <param name="process">Id of the process.</param>
    /// <param name="provider">Provider whose events are enabled.</param>
    /// <param name="subscribe">Subscribes to the events of the source before they are read.</param>
    /// <param name="cancellationToken">Cancels the start of the session.</param>
    public static async Task<TraceSession> Start(
        int process,
        EventPipeProvider provider,
        Action<EventPipeEventSource> subscribe,
        CancellationToken cancellationToken
    ) =>
        new(
            await new DiagnosticsClient(process).StartEventPipeSessionAsync(provider, requestRundown: false, token: cancellationToken),
            subscribe
        );

    /// <summary>Stops the session and waits until its last event was read.</summary>
    public async ValueTask DisposeAsync()
    {
        await session.StopAsync(CancellationToken.None);
        await reading;
        session.Dispose();
    }
}
