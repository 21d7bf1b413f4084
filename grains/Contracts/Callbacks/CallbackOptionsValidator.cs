using System.Net;
using Microsoft.Extensions.Options;

namespace DeployCard.Contracts.Callbacks;

/// <summary>Validates the lists of networks and hosts in <see cref="CallbackOptions"/>.</summary>
public sealed class CallbackOptionsValidator : IValidateOptions<CallbackOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, CallbackOptions options)
    {
        string[] errors =
        [
            .. options
                .AllowedNetworks.Where(network => !IsNetwork(network))
                .Select(network =>
                    $"{CallbackOptions.Section}:{nameof(options.AllowedNetworks)} has '{network}', which is not a network: "
                    + "use the first address and the prefix length, such as 10.1.0.0/16 or fd00::/8."
                ),
            .. options
                .AllowedHosts.Where(host => Uri.CheckHostName(host) is not UriHostNameType.Dns)
                .Select(host =>
                    $"{CallbackOptions.Section}:{nameof(options.AllowedHosts)} has '{host}', which is not a host name: "
                    + $"use a name such as hooks.internal, and {nameof(options.AllowedNetworks)} for addresses."
                ),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>
    /// Stricter than the parser, which reads <c>10/8</c> as a part of 0.0.0.0 and ignores bits after the prefix. Both are most likely
    /// mistakes.
    /// </summary>
    private static bool IsNetwork(string text) =>
        IPNetwork.TryParse(text, out var network)
        && !network.BaseAddress.IsIPv4MappedToIPv6
        && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/')), out var first)
        && first.Equals(network.BaseAddress);
}
