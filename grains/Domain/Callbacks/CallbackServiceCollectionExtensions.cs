using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Callbacks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DeployCard.Domain.Callbacks;

/// <summary>Registers the services that deliver callbacks.</summary>
internal static class CallbackServiceCollectionExtensions
{
    /// <summary>Adds the services of callbacks, except the <see cref="ICallbackSender"/>, which the caller must register.</summary>
    public static IServiceCollection AddCallbacks(this IServiceCollection services) =>
        services
            .AddSingleton<IValidateOptions<CallbackOptions>, CallbackOptionsValidator>()
            .AddSingleton<CallbackAddressPolicy>()
            .AddSingleton<CallbackUrlParser>()
            .AddSingleton<CallbackMetrics>()
            .AddSingleton<CallbackDispatcher>();
}
