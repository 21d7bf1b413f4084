using DeployCard.Client.AsyncCalls;
using DeployCard.Client.Cluster;
using DeployCard.Client.Deployments;
using DeployCard.Client.Live;
using DeployCard.Client.Logs;
using DeployCard.Common.Settings;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Keys;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.AsyncCalls;
using DeployCard.Domain.Autoscaling;
using DeployCard.Domain.Callbacks;
using DeployCard.Domain.Deployments;
using DeployCard.Domain.Keys;
using DeployCard.Domain.Logs;
using DeployCard.Domain.Monitoring;
using DeployCard.Domain.Monitoring.Alerts;
using DeployCard.Domain.Pods;
using DeployCard.Domain.Retention;
using DeployCard.Domain.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace DeployCard.Domain;

/// <summary>Registration of the grains, their settings and the services that they use.</summary>
public static class GrainServiceCollectionExtensions
{
    /// <summary>
    /// Adds the settings and services that the grains use. The caller adds storage, a pod runtime, a gateway (<see cref="IGateway"/>,
    /// <see cref="IPodCaller"/>), an <see cref="ICallbackSender"/>, and the <see cref="KeyHasher"/> and <see cref="WebhookSecretFactory"/>
    /// of the installation.
    /// </summary>
    /// <param name="services">Collection to which the services are added.</param>
    /// <param name="configuration">Settings with one section per capability.</param>
    public static IServiceCollection AddGrains(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidated<DeploymentOptions>(configuration, DeploymentOptions.Section);
        services.AddValidated<AutoscalerOptions>(configuration, AutoscalerOptions.Section);
        services.AddValidated<KeyOptions>(configuration, KeyOptions.Section);
        services.AddValidated<AsyncCallOptions>(configuration, AsyncCallOptions.Section);
        services.AddValidated<CallbackOptions>(configuration, CallbackOptions.Section);
        services.AddValidated<LogOptions>(configuration, LogOptions.Section);
        services.AddValidated<MonitorOptions>(configuration, MonitorOptions.Section);
        services.AddValidated<AlertOptions>(configuration, AlertOptions.Section);
        // Exceptions cross silos with their original type, including the exception of the database driver inside them.
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = _ => true);
        return services
            .AddSingleton<IPodLogForwarder, PodLogForwarder>()
            .AddSingleton<IPodLogCheckpoint, PodLogCheckpoint>()
            .AddSingleton<PodMetrics>()
            .AddSingleton<AsyncCallMetrics>()
            .AddSingleton<LogMetrics>()
            .AddSingleton<DeploymentCleanup>()
            .AddSingleton<DeploymentChecks>()
            .AddSingleton<DeploymentChanges>()
            .AddSingleton<DeploymentPartsFactory>()
            .AddSingleton<ICallAcceptor, CallAcceptor>()
            .AddSingleton<FailedCallRetrier>()
            .AddSingleton<GrainRetry>()
            .AddSingleton<ResumableStream>()
            .AddSingleton<LogFollower>()
            .AddSingleton<CallSubscriptions>()
            .AddSingleton<FleetSubscription>()
            .AddRouting()
            .AddCallbacks()
            .AddMonitoring()
            .AddHostedService<RetentionScheduler>();
    }

    private static void AddValidated<TOptions>(this IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class => services.AddOptions<TOptions>().Bind(configuration.GetSection(section)).ValidateSettings(section);
}
