using DeployCard.LocalProcess.Pods;

namespace DeployCard.Silo.Hosting;

/// <summary>
/// Stops all local pods when the silo stops: after the server has finished the requests, and before the grains are deactivated.
/// </summary>
internal sealed class StopPodsOnShutdown(ILocalPods pods) : IHostedService
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(10);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => pods.StopAll(GracePeriod, CancellationToken.None);
}

internal static class StopPodsOnShutdownServiceCollectionExtensions
{
    public static IServiceCollection AddStopPodsOnShutdown(this IServiceCollection services) =>
        services.AddHostedService<StopPodsOnShutdown>();
}
