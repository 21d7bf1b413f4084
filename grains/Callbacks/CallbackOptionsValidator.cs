using System.Net;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Callbacks;

/// <summary>Finds what is wrong with the lists of <see cref="CallbackOptions"/>.</summary>
internal sealed class CallbackOptionsValidator : IValidateOptions<CallbackOptions>
{
    public ValidateOptionsResult Validate(string? name, CallbackOptions options)
    {
        string[] errors =
        [
            .. options
                .AllowedNetworks.Where(network => !IsNetwork(network))
                .Select(network =>
                    $"{CallbackOptions.Section}:{nameof(options.AllowedNetworks)} has '{network}', which is no network: "
                    + "give its first address and the length of its prefix, as in 10.1.0.0/16 or fd00::/8."
                ),
            .. options
                .AllowedHosts.Where(host => Uri.CheckHostName(host) is not UriHostNameType.Dns)
                .Select(host =>
                    $"{CallbackOptions.Section}:{nameof(options.AllowedHosts)} has '{host}', which is no name of a host: "
                    + $"give one as in hooks.internal; addresses belong to {nameof(options.AllowedNetworks)}."
                ),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>The reader takes <c>10/8</c> for a part of 0.0.0.0 and forgives bits behind the prefix: neither can be what was meant.</summary>
    private static bool IsNetwork(string text) =>
        IPNetwork.TryParse(text, out var network)
        && !network.BaseAddress.IsIPv4MappedToIPv6
        && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/')), out var first)
        && first.Equals(network.BaseAddress);
}
