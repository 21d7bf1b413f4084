using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Telemetry;

/// <summary>Checks the settings of <see cref="OtlpOptions"/> that a range attribute cannot express.</summary>
internal sealed class OtlpOptionsValidator : IValidateOptions<OtlpOptions>
{
    public ValidateOptionsResult Validate(string? name, OtlpOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (
            options.Endpoint is { } endpoint
            && !(
                endpoint.IsAbsoluteUri
                && endpoint.Scheme is "http" or "https"
                && endpoint.UserInfo.Length == 0
                && endpoint.Query.Length == 0
            )
        )
            result.AddError(
                "Otlp:Endpoint must be an absolute http or https URL without user and query, as in http://collector:4317; "
                    + "put credentials into Otlp:Headers."
            );
        if (!Enum.IsDefined(options.Protocol))
            result.AddError($"Otlp:Protocol must be Grpc or HttpProtobuf; got '{options.Protocol}'.");
        // The value is a secret even if it is not valid, so the message does not contain it.
        if (options.Headers is { Length: > 0 } headers && !headers.Split(',').All(IsHeader))
            result.AddError(
                "Otlp:Headers must be comma-separated, as in Authorization=Bearer …,X-Tenant=models; encode a comma in a value as %2C."
            );
        return result.Build();
    }

    private static bool IsHeader(string header) =>
        header.IndexOf('=') is > 0 and var separator
        && header[..separator].Trim() is { Length: > 0 } name
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !header.Any(char.IsControl);
}
