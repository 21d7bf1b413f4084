using System.Runtime.InteropServices;
using DeployCard.Grains.Runtimes.LocalProcess;
using DeployCard.Silo.Hosting.Cluster;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// The life of the process. Asked to end (SIGTERM, Ctrl+C), a silo of a cluster leaves first: it is not ready any more but still takes requests,
/// until load balancers have seen that and its pods have been replaced by other silos'. Only then does what it is made of stop. Who asks
/// once more does not want to wait for that.
/// </summary>
internal sealed partial class Leaving(
    Installation installation,
    IServiceProvider services,
    IHostApplicationLifetime application,
    TimeProvider time,
    ILogger<Leaving> logger
) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> signals = [];
    private readonly CancellationTokenSource hurry = new();
    private int asked;

    /// <summary>Whether it was asked to end.</summary>
    public bool HasBegun => Volatile.Read(ref asked) > 0;

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        signals.AddRange(
            new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT }.Select(signal =>
                PosixSignalRegistration.Create(signal, Ask)
            )
        );
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        foreach (var signal in signals)
            signal.Dispose();
        hurry.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        // The runtime would end the process here and now.
        context.Cancel = true;
        if (Interlocked.Increment(ref asked) == 1)
            _ = Leave();
        else
            hurry.Cancel();
    }

    private async Task Leave()
    {
        try
        {
            if (installation.IsCluster && application.ApplicationStarted.IsCancellationRequested)
                await HandOver(services.GetRequiredService<IOptions<ClusterOptions>>().Value);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            LogHurried(logger);
        }
        catch (Exception e)
        {
            LogNotHandedOver(logger, e);
        }
        finally
        {
            application.StopApplication();
        }
    }

    private async Task HandOver(ClusterOptions options)
    {
        LogLeaving(logger, options.ShutdownDelay);
        await Task.Delay(options.ShutdownDelay, time, hurry.Token);
        // On Kubernetes pods stay: their deployments find them again from wherever they go.
        if (services.GetService<ILocalPods>() is { } pods)
            await pods.Leave(options.DrainTimeout, hurry.Token);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The silo leaves: it is not ready any more, takes requests for {Delay} and until its pods are replaced"
    )]
    private static partial void LogLeaving(ILogger logger, TimeSpan delay);

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "The silo was asked to end once more: it does not wait for its pods to be replaced"
    )]
    private static partial void LogHurried(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pods of the silo could not all be handed over; it ends nevertheless")]
    private static partial void LogNotHandedOver(ILogger logger, Exception exception);
}

internal static class LeavingServices
{
    public static IServiceCollection AddLeaving(this IServiceCollection services) =>
        services.AddSingleton<Leaving>().AddSingleton<IHostLifetime>(s => s.GetRequiredService<Leaving>());
}
