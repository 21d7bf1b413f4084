using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace DeployCard.Common.Settings;

/// <summary>Registers options that are validated at start.</summary>
public static class SettingsServiceCollectionExtensions
{
    /// <summary>Adds options that are bound to a section and validated at start by the attributes of their properties.</summary>
    /// <param name="services">Collection to which the options are added.</param>
    /// <param name="section">Section of the settings.</param>
    public static OptionsBuilder<TOptions> AddSettings<TOptions>(this IServiceCollection services, string section)
        where TOptions : class => services.AddOptions<TOptions>().BindConfiguration(section).ValidateSettings(section);

    /// <summary>Validates options at start by the attributes of their properties.</summary>
    /// <param name="options">Options that are validated at start.</param>
    /// <param name="section">Section of the settings that the options are bound to.</param>
    public static OptionsBuilder<TOptions> ValidateSettings<TOptions>(this OptionsBuilder<TOptions> options, string section)
        where TOptions : class
    {
        options.Services.AddSingleton<IValidateOptions<TOptions>>(new SettingsValidator<TOptions>(section));
        return options.ValidateOnStart();
    }
}
