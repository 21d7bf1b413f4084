using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Options;

namespace DeployCard.Common.Settings;

/// <summary>
/// Validates options by the attributes of their properties. In contrast to <c>ValidateDataAnnotations</c>, each error contains the full
/// name of the setting, the allowed values and the given value.
/// </summary>
/// <param name="section">Section of the settings that the options are bound to.</param>
internal sealed class SettingsValidator<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        foreach (var error in FindErrors(section, options))
            result.AddError(error);
        if (options is IValidatableObject validatable)
            result.AddResults(validatable.Validate(new(options)));
        return result.Build();
    }

    private static IEnumerable<string> FindErrors(string path, object options) =>
        options.GetType().GetProperties().SelectMany(property => FindErrors(path, property, property.GetValue(options)));

    private static IEnumerable<string> FindErrors(string path, PropertyInfo property, object? value)
    {
        var setting = $"{path}:{property.Name}";
        // An empty value violates further attributes, too. The error of the first one is sufficient.
        var violated = property
            .GetCustomAttributes<ValidationAttribute>()
            .OrderBy(attribute => attribute is not RequiredAttribute)
            .FirstOrDefault(attribute => !attribute.IsValid(value));
        if (violated is not null)
            yield return SettingError.Format(setting, violated, value);
        if (value is not IEnumerable<object> list || value is IEnumerable<string>)
            yield break;
        foreach (var error in list.SelectMany((item, index) => FindErrors($"{setting}:{index}", item)))
            yield return error;
    }
}
