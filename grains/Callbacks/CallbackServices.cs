using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Callbacks;

/// <summary>Registers the telling of calls' ends.</summary>
internal static class CallbackServices
{
    /// <summary>Adds it. The sender itself is an <see cref="ICallbackSender"/> that the caller registers.</summary>
    public static IServiceCollection AddCallbacks(this IServiceCollection services) =>
        services
            .AddSingleton<IValidateOptions<CallbackOptions>, CallbackOptionsValidator>()
            .AddSingleton<CallbackAddresses>()
            .AddSingleton<CallbackTarget>()
            .AddSingleton<CallbackMetrics>()
            .AddSingleton<CallbackCourier>();
}
