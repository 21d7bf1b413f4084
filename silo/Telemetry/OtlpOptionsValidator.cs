using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Telemetry;

/// <summary>What the ranges of <see cref="OtlpOptions"/> do not say.</summary>
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
                "Otlp:Endpoint must be an absolute http or https URL without a user and a query, as in http://collector:4317; what goes along belongs into Otlp:Headers."
            );
        if (!Enum.IsDefined(options.Protocol))
            result.AddError($"Otlp:Protocol is '{options.Protocol}': give Grpc or HttpProtobuf.");
        // Its text is a secret, also where it is wrong.
        if (options.Headers is { Length: > 0 } headers && !headers.Split(',').All(IsField))
            result.AddError(
                "Otlp:Headers must be fields with commas between them, as in Authorization=Bearer …,X-Tenant=models; a comma in a value is written %2C."
            );
        return result.Build();
    }

    private static bool IsField(string field) =>
        field.IndexOf('=') is > 0 and var at
        && field[..at].Trim() is { Length: > 0 } name
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && !field.Any(char.IsControl);
}
