using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace DeployCard.Common.Settings;

/// <summary>Errors of settings, such as <c>Logs:MaxLines must be 100 to 1000000; got 5.</c></summary>
internal static class SettingError
{
    /// <summary>Returns the error of a setting that violates an attribute.</summary>
    /// <param name="setting">Full name of the setting.</param>
    /// <param name="violated">
    /// The attribute. The error message of a regular expression says what is allowed, without a period.
    /// </param>
    /// <param name="value">The value that the setting has.</param>
    public static string Format(string setting, ValidationAttribute violated, object? value) =>
        violated switch
        {
            RequiredAttribute => $"{setting} must not be empty.",
            RangeAttribute range => $"{setting} must be {Allowed(range)}; got {Text(value)}.",
            StringLengthAttribute length => $"{setting} must be {Allowed(length)} characters; got {((string?)value)?.Length}.",
            AllowedValuesAttribute values => $"{setting} must be {Allowed(values)}; got '{Text(value)}'.",
            _ => $"{violated.FormatErrorMessage(setting)}; got '{Text(value)}'.",
        };

    private static string Allowed(RangeAttribute range) =>
        range.Maximum is int.MaxValue ? $"at least {Text(range.Minimum)}" : $"{Text(range.Minimum)} to {Text(range.Maximum)}";

    private static string Allowed(StringLengthAttribute length) =>
        length.MinimumLength == 0 ? $"at most {length.MaximumLength}" : $"{length.MinimumLength} to {length.MaximumLength}";

    private static string Allowed(AllowedValuesAttribute allowed)
    {
        var values = allowed.Values.Select(value => value is "" ? "empty" : Text(value)).ToList();
        return $"{string.Join(", ", values[..^1])} or {values[^1]}";
    }

    private static string Text(object? value) =>
        value switch
        {
            // Omits trailing zeros of the fraction of a second.
            TimeSpan time when time.Ticks % TimeSpan.TicksPerSecond != 0 => time.ToString("c", CultureInfo.InvariantCulture).TrimEnd('0'),
            IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
            _ => value?.ToString() ?? "",
        };
}
