using DeployCard.Grains.Runtimes.LocalProcess;

namespace DeployCard.Silo.Hosting;

/// <summary>Ends all pods when the silo ends: after its server has finished the requests, before its grains go.</summary>
internal sealed class PodsEnd(ILocalPods pods) : IHostedService
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => pods.StopAll(Grace, CancellationToken.None);
}

internal static class PodsEndServices
{
    public static IServiceCollection AddPodsEnd(this IServiceCollection services) => services.AddHostedService<PodsEnd>();
}
