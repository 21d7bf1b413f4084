using DeployCard.Contracts.Monitoring;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.Domain.Monitoring;

internal static class MonitoringServiceCollectionExtensions
{
    public static IServiceCollection AddMonitoring(this IServiceCollection services) =>
        services.AddSingleton<TrafficRegistry>().AddSingleton<ITrafficSampler, PodUsageSampler>().AddHostedService<TrafficReporter>();
}
