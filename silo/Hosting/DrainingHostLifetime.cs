using System.Runtime.InteropServices;
using DeployCard.Contracts.Runtimes;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// Host lifetime that drains a silo of a cluster before it stops. After SIGTERM or Ctrl+C the silo reports not ready but still accepts
/// requests. This phase lasts for at least <see cref="ClusterOptions.ShutdownDelay"/>, in which load balancers can remove the silo, and
/// until other silos have replaced its local pods. Then the hosted services stop. A second signal skips the rest of the drain.
/// </summary>
internal sealed partial class DrainingHostLifetime(
    Installation installation,
    IServiceProvider services,
    IHostApplicationLifetime application,
    TimeProvider time,
    ILogger<DrainingHostLifetime> logger
) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> signals = [];
    private readonly CancellationTokenSource skipDrain = new();
    private int signalCount;

    /// <summary>Whether a signal to stop was received.</summary>
    public bool IsShutdownRequested => Volatile.Read(ref signalCount) > 0;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        signals.AddRange(
            new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT }.Select(signal =>
                PosixSignalRegistration.Create(signal, OnSignal)
            )
        );
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        skipDrain.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // Otherwise the runtime would end the process immediately.
        context.Cancel = true;
        if (Interlocked.Increment(ref signalCount) == 1)
            _ = DrainAndStop();
        else
            skipDrain.Cancel();
    }

    private async Task DrainAndStop()
    {
        try
        {
            if (installation.IsCluster && application.ApplicationStarted.IsCancellationRequested)
                await Drain(services.GetRequiredService<IOptions<ClusterOptions>>().Value);
        }
        catch (OperationCanceledException) when (skipDrain.IsCancellationRequested)
        {
            LogDrainSkipped(logger);
        }
        catch (Exception e)
        {
            LogDrainFailed(logger, e);
        }
        finally
        {
            application.StopApplication();
        }
    }

    private async Task Drain(ClusterOptions options)
    {
        LogDraining(logger, options.ShutdownDelay);
        await Task.Delay(options.ShutdownDelay, time, skipDrain.Token);
        // Created only now, because the lifetime is created before the settings of the runtime are validated.
        foreach (var pods in services.GetServices<IPodDrain>())
            await pods.Drain(options.DrainTimeout, skipDrain.Token);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The silo is draining: it reports not ready, and accepts requests for {Delay} and until its local pods are replaced"
    )]
    private static partial void LogDraining(ILogger logger, TimeSpan delay);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The drain was skipped because of a second signal: the silo stops without waiting until its pods are replaced"
    )]
    private static partial void LogDrainSkipped(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Draining the silo failed; it stops before all its pods are replaced")]
    private static partial void LogDrainFailed(ILogger logger, Exception exception);
}

internal static class DrainingHostLifetimeServiceCollectionExtensions
{
    public static IServiceCollection AddDrainingHostLifetime(this IServiceCollection services) =>
        services.AddSingleton<DrainingHostLifetime>().AddSingleton<IHostLifetime>(s => s.GetRequiredService<DrainingHostLifetime>());
}
