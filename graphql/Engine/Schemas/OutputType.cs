using System.Reflection;
using System.Security.Claims;
using GraphQL.Types;
using Microsoft.Extensions.DependencyInjection;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>
/// An object type made of a plain C# type. A parameter of one of its methods that the container knows is a service,
/// <see cref="ClaimsPrincipal"/> is the caller, and every other is an argument.
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

    // The container claims to know every sequence; as a parameter it is a list of arguments.
    private bool IsService(Type type) =>
        services.IsService(type) && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>));
}
