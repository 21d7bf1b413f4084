using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Grains.Monitoring;

internal static class MonitoringServices
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services) =>
        services.AddSingleton<TrafficBook>().AddSingleton<ITrafficSampler, PodUsageSampler>().AddHostedService<MonitorFeed>();
}
