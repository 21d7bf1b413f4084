using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Callbacks;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Keys;
using DeployCard.Grains.Live;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Monitoring.Alerts;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Retention;
using DeployCard.Grains.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace DeployCard.Grains;

/// <summary>Registers the domain.</summary>
public static class GrainServices
{
    /// <summary>
    /// Adds the domain. The caller adds a storage, a pod runtime, a gateway (<see cref="IGateway"/>, <see cref="IPodCaller"/>),
    /// an <see cref="ICallbackSender"/>, and the <see cref="KeyHasher"/> and <see cref="WebhookSecretFactory"/> of the installation.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">The settings, with a section for each capability.</param>
    public static IServiceCollection AddGrains(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddBounded<DeploymentOptions>(configuration, "Deployments");
        services.AddBounded<AutoscalerOptions>(configuration, "Autoscaling");
        services.AddBounded<KeyOptions>(configuration, "Keys");
        services.AddBounded<AsyncCallOptions>(configuration, "AsyncCalls");
        services.AddBounded<CallbackOptions>(configuration, CallbackOptions.Section);
        services.AddBounded<LogOptions>(configuration, "Logs");
        services.AddBounded<MonitorOptions>(configuration, "Monitoring");
        services.AddBounded<AlertOptions>(configuration, AlertOptions.Section);
        // What a grain throws reaches its caller on another silo as it is, with the database's own error in it, whichever that is.
        services.Configure<ExceptionSerializationOptions>(options => options.SupportedExceptionTypeFilter = _ => true);
        return services
            .AddSingleton<IPodLogPump, PodLogPump>()
            .AddSingleton<IPodLogProgress, PodLogProgress>()
            .AddSingleton<PodMetrics>()
            .AddSingleton<AsyncCallMetrics>()
            .AddSingleton<LogMetrics>()
            .AddSingleton<DeploymentRemains>()
            .AddSingleton<ICallIntake, CallIntake>()
            .AddSingleton<FailedCalls>()
            .AddSingleton<RepeatableCalls>()
            .AddSingleton<ResumedFeed>()
            .AddSingleton<LogTail>()
            .AddSingleton<CallFeed>()
            .AddSingleton<FleetFeed>()
            .AddRouting()
            .AddCallbacks()
            .AddMonitoring()
            .AddHostedService<RetentionClock>();
    }

    private static void AddBounded<TOptions>(this IServiceCollection services, IConfiguration configuration, string section)
        where TOptions : class =>
        services.AddOptions<TOptions>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();
}
