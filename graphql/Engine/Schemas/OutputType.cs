using System.Reflection;
using System.Security.Claims;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>
/// An object type of the schema for a plain C# type. Method parameters whose type is registered in the container are injected services,
/// <see cref="ClaimsPrincipal"/> is the caller, and all other parameters are arguments.
/// </summary>
internal class OutputType<T>(IServiceProviderIsService services) : AutoRegisteringObjectGraphType<T>
{
    protected override ArgumentInformation GetArgumentInformation<TParameterType>(FieldType fieldType, ParameterInfo parameterInfo)
    {
        var argument = base.GetArgumentInformation<TParameterType>(fieldType, parameterInfo);
        if (typeof(TParameterType) == typeof(ClaimsPrincipal))
            argument.SetDelegateWithCast(field => field.User);
        else if (IsService(typeof(TParameterType)))
            argument.SetDelegateWithCast(field => field.RequestServices!.GetRequiredService(typeof(TParameterType)));
        return argument;
    }

    // The container can resolve any IEnumerable<T>; as a parameter it is a list argument.
    private bool IsService(Type type) =>
        services.IsService(type) && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>));
}
